import { generate } from 'lean-qr';
import { toSvgSource } from 'lean-qr/extras/svg';

/** The QR code of a URL as SVG. Scanners need dark on light, and a quiet zone of four modules. */
export const qrCodeSvg = (address: string): string =>
  toSvgSource(generate(address), { on: 'black', off: 'white', pad: 4 });
