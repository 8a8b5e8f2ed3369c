import { RemixBrowser } from '@remix-run/react';
import { StrictMode, startTransition } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { patientFetch } from './hooks/patient-fetch.ts';
import { tolerateForeignChanges } from './ui/tolerant-dom.ts';

// Remix fetches pages' data with the window's `fetch` and offers no other way to replace it.
window.fetch = patientFetch(window.fetch.bind(window));

tolerateForeignChanges();

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
  );
});
