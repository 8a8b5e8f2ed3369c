import { SignIn } from '@clerk/remix';

/** Clerk's sign-in form; `returnTo`: the path to open after signing in. */
export default function ClerkSignIn({ returnTo }: { returnTo: string }) {
  return <SignIn routing="path" path="/sign-in" forceRedirectUrl={returnTo} signUpForceRedirectUrl={returnTo} />;
}
