/** What is shown: text, or an element. Both the HTML of the server and the DOM of the browser are made of it. */
export type View = string | ViewElement;

export interface ViewElement {
  tag: string;
  /** Their names are written in this code only, never in a text. */
  attributes?: Attributes;
  children: readonly View[];
  /** The browser may change what is inside, such as colours in code. It stays until the attributes change. */
  opaque?: boolean;
}

export type Attributes = Readonly<Record<string, string>>;

export const element = (tag: string, attributes: Attributes | undefined, children: readonly View[]): ViewElement => ({
  tag,
  attributes,
  children,
});

/** The text of a view, without its elements. */
export const textOfViews = (views: readonly View[]): string =>
  views.map((view) => (typeof view === 'string' ? view : textOfViews(view.children))).join('');
