import { UserButton } from '@clerk/remix';

/**
 * The person's account and the way to sign out. Only inside Clerk's provider and loaded when it is needed:
 *
 *     const ClerkUserButton = lazy(() => import('./clerk-user-button.tsx'));
 *     {root.signIn === 'clerk' && <Suspense><ClerkUserButton /></Suspense>}
 */
export default function ClerkUserButton() {
  return <UserButton />;
}
