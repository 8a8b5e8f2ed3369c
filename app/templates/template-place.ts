/** The chat for which a person chooses a template. The pages of templates pass the place on in their URLs. */
export interface TemplatePlace {
  /** `null`: in a new chat. */
  chatId: string | null;
  /** The chat is temporary, or begins as a temporary one. */
  temporary: boolean;
  /** The id of the instructions that were typed for a new chat. The server keeps them under this id (`kept-text.server.ts`). */
  kept?: string | null;
}

/** The place as the query of a URL. */
export function placeQuery({ chatId, temporary, kept = null }: TemplatePlace): string {
  const query = new URLSearchParams({
    ...(chatId === null ? {} : { chat: chatId }),
    ...(temporary ? { temporary: '1' } : {}),
    ...(kept === null ? {} : { kept }),
  });
  return query.size === 0 ? '' : `?${query}`;
}

export const placeIn = (query: URLSearchParams): TemplatePlace => ({
  chatId: query.get('chat'),
  temporary: query.get('temporary') === '1',
  kept: query.get('kept'),
});

/** Like {@link placeQuery}, for a URL that already has a query. */
export const placeAfter = (place: TemplatePlace): string => placeQuery(place).replace('?', '&');
