/** A piece of the output: text, or an element. The server's HTML and the browser's DOM are both made from it. */
export type View = string | ViewElement;

export interface ViewElement {
  tag: string;
  /** Names come only from this code, never from a text. */
  attributes?: Attributes;
  children: readonly View[];
  /** The browser may change the content, for example put MathML into a formula. So only tag and attributes are compared. */
  opaque?: boolean;
}

export type Attributes = Readonly<Record<string, string>>;

export const element = (tag: string, attributes: Attributes | undefined, children: readonly View[]): ViewElement => ({
  tag,
  attributes,
  children,
});

/** The text in views, without their elements. */
export const textOfViews = (views: readonly View[]): string =>
  views.map((view) => (typeof view === 'string' ? view : textOfViews(view.children))).join('');
