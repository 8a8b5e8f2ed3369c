/** What the OpenAPI document says about a field: a description and an example value. */
export type Field = readonly [description: string, example: unknown];
