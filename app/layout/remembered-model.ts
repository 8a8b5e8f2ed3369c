const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Stores the model that was chosen last in this browser. A cookie is used, so that the server can render the choice. */
export function rememberModel(modelId: string): void {
  document.cookie = `model=${encodeURIComponent(modelId)}; Max-Age=${YEAR_SECONDS}; Path=/; SameSite=Lax`;
}

/** The model id in the cookie of a request. A model with this id may not exist any more. */
export function rememberedModel(request: Request): string | null {
  const value = /(?:^|;\s*)model=([^;]{1,300})/.exec(request.headers.get('cookie') ?? '')?.[1];
  try {
    return value === undefined ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}
