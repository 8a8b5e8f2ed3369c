import { Component, type ReactNode } from 'react';

interface PartBoundaryProps {
  /** Shown if the part cannot be rendered. */
  text: string;
  children: ReactNode;
}

/** Keeps what one part throws from taking the page. On the server nothing in a part throws: each is total. */
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
