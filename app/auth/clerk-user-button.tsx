import { UserButton } from '@clerk/remix';

/**
 * Clerk's button for the person's account and for signing out. It works only inside Clerk's provider. Load it when it is shown:
 *
 *     const ClerkUserButton = lazy(() => import('./clerk-user-button.tsx'));
 *     {root.signIn === 'clerk' && <Suspense><ClerkUserButton /></Suspense>}
 */
export default function ClerkUserButton() {
  return <UserButton />;
}
