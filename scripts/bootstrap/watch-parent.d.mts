export function watchParent(onGone: () => void, pid?: number): () => void;
