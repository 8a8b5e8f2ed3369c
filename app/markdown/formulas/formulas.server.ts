import { setFormulaConverter } from './formula-converter.ts';
import { formulaToMathMl } from './formula-temml.ts';

// The server has the library from the start. A browser loads it with the first formula that it has to convert.
setFormulaConverter(formulaToMathMl);
