import { admissionStoreSuite } from './admission-store.suite.ts';
import { createMemoryAdmissionStore } from './memory-admission-store.ts';

admissionStoreSuite('Memory', createMemoryAdmissionStore);
