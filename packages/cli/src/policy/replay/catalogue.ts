import type { Incident } from './incident.ts';
import { INCIDENTS_UNTIL_2024 } from './incidents-until-2024.ts';
import { INCIDENTS_OF_2025 } from './incidents-of-2025.ts';
import { INCIDENTS_OF_2026 } from './incidents-of-2026.ts';

/**
 * Attacks on npm packages that policies are tried against. Another takes ten lines in one of the files above: it has to
 * be real, and is told by dates, accounts, scripts, provenance and dependencies alone.
 */
export const INCIDENTS: readonly Incident[] = [...INCIDENTS_UNTIL_2024, ...INCIDENTS_OF_2025, ...INCIDENTS_OF_2026];
