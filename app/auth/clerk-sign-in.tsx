import { SignIn } from '@clerk/remix';

/** Clerk's sign-in form; `returnTo` is where a person goes from it. */
export default function ClerkSignIn({ returnTo }: { returnTo: string }) {
  return <SignIn routing="path" path="/sign-in" forceRedirectUrl={returnTo} signUpForceRedirectUrl={returnTo} />;
}
