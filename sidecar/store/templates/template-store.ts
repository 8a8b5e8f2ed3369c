import type { TemplateContent } from '../../../shared/templates/content.ts';

/** Everything about a template except its content. */
export interface TemplateHead {
  id: string;
  /** Identifies this state of the template. Every change gives the template a new tag. */
  tag: string;
  /** The version that is used if a start request names no version. */
  live: number;
  /** The kept versions, oldest first. */
  versions: number[];
  /** The size of all kept versions together. */
  bytes: number;
  createdAt: string;
  updatedAt: string;
  /** Since when everybody sees the template; `null` if only its owner sees it. */
  publishedAt: string | null;
  /** The name, the command and the description are those of the live version. */
  name: string;
  command: string;
  description: string;
}

export interface StoredTemplate extends TemplateHead {
  version: number;
  /** `null`: this version is not kept any more, or never was. */
  content: TemplateContent | null;
}

/** A change is made only if the template's tag is in this list. `any`: the change is made whatever the tag is. */
export type Condition = readonly string[] | 'any';

/**
 * `absent`: there is no such template. `changed`: its tag does not meet the condition. `no-version`: the version that was to
 * become the live one is not kept. In these cases nothing was done.
 */
export type ChangeResult = StoredTemplate | 'absent' | 'changed' | 'no-version';

export interface PublishedTemplate {
  /** The owner of the template. */
  userId: string;
  /** The template with its live version. */
  template: StoredTemplate;
}

/**
 * The templates of all people. A version never changes; `live` says which one is used. Each call on one template is
 * atomic. A template is deleted `ttlMs` after it was last changed or touched.
 */
export interface TemplateStore {
  /** A person's templates, without those that are being created. */
  list(userId: string): Promise<TemplateHead[]>;
  /** One version, by default the live one. */
  get(userId: string, id: string, version?: number): Promise<StoredTemplate | null>;
  /**
   * Creates templates: all, or none. `list` shows none of them before all exist. `full`: the person would have more than
   * `maxTemplates`. `exists`: there is already a template with one of the ids.
   */
  create(
    userId: string,
    templates: readonly { id: string; content: TemplateContent }[],
    options: { maxTemplates: number },
  ): Promise<'created' | 'full' | 'exists'>;
  /** Adds a version and makes it the live one. The oldest versions beyond `maxVersions` are dropped. */
  put(
    userId: string,
    id: string,
    change: { condition: Condition; content: TemplateContent; maxVersions: number },
  ): Promise<ChangeResult>;
  /** Makes another version the live one, publishes the template, or withdraws it. */
  change(
    userId: string,
    id: string,
    change: { condition: Condition; live?: number; isPublished?: boolean },
  ): Promise<ChangeResult>;
  delete(userId: string, id: string, condition: Condition): Promise<'deleted' | 'absent' | 'changed'>;
  /** The ids of all templates of a person, including those that are being created. */
  all(userId: string): Promise<string[]>;
  /** Keeps a template for another `ttlMs`. */
  touch(userId: string, id: string): Promise<void>;
  /** The published templates of all people, or only those with this id. The one that was published first comes first. */
  published(id?: string): Promise<PublishedTemplate[]>;
}
