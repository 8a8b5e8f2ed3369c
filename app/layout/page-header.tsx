import type { ReactNode } from 'react';
import { MenuButton } from './menu-button.tsx';

/** The bar above each page of the shell. */
export function PageHeader({ children }: { children?: ReactNode }) {
  return (
    <header className="page-header">
      <MenuButton />
      {children}
    </header>
  );
}
