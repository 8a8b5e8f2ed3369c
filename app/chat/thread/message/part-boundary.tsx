import { Component, type ReactNode } from 'react';

interface PartBoundaryProps {
  /** The text that is shown if the part cannot be rendered. */
  text: string;
  children: ReactNode;
}

/**
 * Catches the errors of one part, so that the rest of the page stays. React ignores error boundaries on the server, so no part
 * may throw there.
 */
export class PartBoundary extends Component<PartBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    const { text, children } = this.props;
    if (!this.state.hasFailed) return children;
    return (
      <div className="answer">
        <p className="plain" dir="auto">
          {text}
        </p>
      </div>
    );
  }
}
