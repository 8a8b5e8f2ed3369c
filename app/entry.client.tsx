import { RemixBrowser } from '@remix-run/react';
import { StrictMode, startTransition } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { patientBrowser, patientFetch } from './hooks/patient-fetch.ts';
import { keptPage } from './layout/kept-chats.ts';
import { waitForPage } from './ui/browser/connectivity.ts';
import { watchEarlyInput } from './ui/browser/early-input.ts';
import { keepPagesAtHand } from './ui/browser/keep-pages-at-hand.ts';
import { untilPageDataIsRead } from './ui/page-data.ts';
import { tolerateForeignChanges } from './ui/browser/tolerant-dom.ts';
import { WORDS_ID, WordsContext, type Words } from './words/words.ts';

// Remix fetches pages' data with the window's `fetch` and offers no other way to replace it.
window.fetch = patientFetch(window.fetch.bind(window), patientBrowser({ wait: waitForPage, kept: keptPage }));
keepPagesAtHand();
watchEarlyInput();

const words = JSON.parse(document.getElementById(WORDS_ID)?.textContent ?? 'null') as Words | null;

tolerateForeignChanges();

function hydrate(): void {
  hydrateRoot(
    document,
    <StrictMode>
      <WordsContext.Provider value={words}>
        <RemixBrowser />
      </WordsContext.Provider>
    </StrictMode>,
  );
}

void untilPageDataIsRead().then(() => startTransition(hydrate));
