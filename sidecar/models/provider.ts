/** How error messages for people name a provider and its settings. */
export interface Provider {
  /** The provider's name for the middle of a sentence: `Google`, `the model server`. */
  title: string;
  keySetting: string;
  urlSetting: string;
}
