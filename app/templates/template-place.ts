/** The chat for which a person chooses a template. The pages of templates keep these values in the query of their URLs. */
export interface TemplatePlace {
  /** `null`: a new chat. */
  chatId: string | null;
  /** True if the chat is temporary, or if a new chat will be. */
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
