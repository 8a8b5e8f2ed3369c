import { createSecretKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import {
  reasonOfJose,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  tokenClaimsSchema,
  unauthorized,
  type TokenClaims,
} from '../../shared/token.ts';

/** Returns the claims of a token of the form that `npm run token` prints. Throws `unauthorized` for any other token. */
export async function verifySidecarToken(token: string, secret: string): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, createSecretKey(Buffer.from(secret)), {
      algorithms: [TOKEN_ALGORITHM],
      audience: TOKEN_AUDIENCE,
      requiredClaims: ['exp', 'sub'],
    });
    return tokenClaimsSchema.parse(payload);
  } catch (cause) {
    throw unauthorized(reasonOfJose(cause), cause);
  }
}
