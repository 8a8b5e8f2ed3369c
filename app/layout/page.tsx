import type { ReactNode } from 'react';
import { MenuButton } from './sidebar/menu-button.tsx';

interface PageProps {
  /** A link to the parent page. It is shown in the bar. */
  back?: ReactNode;
  /** True if the content fills the height of the page, for example to be centred in it. */
  isFull?: boolean;
  children: ReactNode;
}

/** A page of the shell: the bar, and below it the content, which scrolls. */
export function Page({ back, isFull = false, children }: PageProps) {
  return (
    <main id="main" className="main" tabIndex={-1}>
      <PageHeader>{back}</PageHeader>
      <div className={isFull ? 'thread-scroll grid' : 'thread-scroll'} tabIndex={-1}>
        {children}
      </div>
    </main>
  );
}

/** The bar at the top of a page. */
export function PageHeader({ children }: { children?: ReactNode }) {
  return (
    <header className="page-header">
      <MenuButton />
      {children}
    </header>
  );
}
