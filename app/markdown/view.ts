/** A piece of the output: text, or an element. The server makes HTML from such pieces, and the browser makes DOM nodes. */
export type View = string | ViewElement;

export interface ViewElement {
  tag: string;
  /** The attribute names are written in our code. They never come from the text of a model. */
  attributes?: Attributes;
  children: readonly View[];
  /**
   * True if scripts may change the children, for example put MathML into a formula. When the page is updated, the children of such
   * an element are not compared, only its tag and attributes.
   */
  opaque?: boolean;
}

export type Attributes = Readonly<Record<string, string>>;

export const element = (tag: string, attributes: Attributes | undefined, children: readonly View[]): ViewElement => ({
  tag,
  attributes,
  children,
});

/** The text in views, without tags. */
export const textOfViews = (views: readonly View[]): string =>
  views.map((view) => (typeof view === 'string' ? view : textOfViews(view.children))).join('');
