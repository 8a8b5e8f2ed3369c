/** How sentences name a provider, to the person who reads an answer and to the operator of the server. */
export interface Provider {
  /** In the middle of a sentence: `Google`, `the model server`. */
  title: string;
  keySetting: string;
  urlSetting: string;
}
