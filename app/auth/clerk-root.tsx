import { ClerkApp, useAuth } from '@clerk/remix';
import { Outlet } from '@remix-run/react';
import { useEffect } from 'react';
import { setSessionRefresh } from '~/hooks/stream-environment.ts';

/** The app inside Clerk's provider. Loaded only if the app uses Clerk, whose code is larger than the rest of the app. */
export default ClerkApp(SignedInApp);

function SignedInApp() {
  const { getToken } = useAuth();
  // A session token is valid for one minute. After a 401, a new token is requested. Clerk also puts this token into its cookie.
  useEffect(() => setSessionRefresh(({ force }) => getToken({ skipCache: force })), [getToken]);
  return <Outlet />;
}
