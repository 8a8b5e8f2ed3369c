import { generate } from 'lean-qr';
import { toSvgSource } from 'lean-qr/extras/svg';

/** The QR code of a URL as SVG, black on white in every theme, with the quiet zone that readers need. */
export const qrCodeSvg = (address: string): string =>
  toSvgSource(generate(address), { on: 'black', off: 'white', pad: 4 });
