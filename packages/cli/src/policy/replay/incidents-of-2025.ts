import type { Incident } from './incident.ts';

export const INCIDENTS_OF_2025: readonly Incident[] = [
  {
    id: 11,
    date: '2025-05-05',
    name: 'rand-user-agent 2.0.83',
    story: 'A forgotten automation token; three releases after seven quiet months, without commits.',
    releases: [
      { spec: 'rand-user-agent@2.0.82', day: -215 },
      { spec: 'rand-user-agent@2.0.83', day: 0 },
    ],
    before: { 'rand-user-agent': '2.0.82' },
    after: { 'rand-user-agent': '2.0.83' },
  },
  {
    id: 12,
    date: '2025-06-06',
    name: '@react-native-aria/focus 0.2.10',
    story: 'A stolen token; the payload stood in library code, and only the age could be seen.',
    releases: [
      { spec: '@react-native-aria/focus@0.2.9', day: -110 },
      { spec: '@react-native-aria/focus@0.2.10', day: 0 },
    ],
    before: { '@react-native-aria/focus': '0.2.9' },
    after: { '@react-native-aria/focus': '0.2.10' },
  },
  {
    id: 13,
    date: '2025-07-18',
    name: 'eslint-config-prettier 10.1.7',
    story: 'The maintainer was phished; an install script loaded a library of the operating system.',
    releases: [
      { spec: 'eslint-config-prettier@10.1.5', day: -60 },
      { spec: 'eslint-config-prettier@10.1.7', day: 0, scripts: { install: 'node install.js' } },
    ],
    before: { 'eslint-config-prettier': '10.1.5' },
    after: { 'eslint-config-prettier': '10.1.7' },
  },
  {
    id: 14,
    date: '2025-07-19',
    name: 'is 3.3.1',
    story: 'In the same wave a former owner was added again, and published a package that had been quiet for years.',
    releases: [
      { spec: 'is@3.3.0', day: -2400, by: 'owner' },
      { spec: 'is@3.3.1', day: 0, by: 'former-owner' },
    ],
    before: { is: '3.3.0' },
    after: { is: '3.3.1' },
  },
  {
    id: 15,
    date: '2025-07-20',
    name: '@toptal/picasso-tailwind 3.1.0',
    story: 'The GitHub organisation was taken over; versions had new scripts before and after installation.',
    releases: [
      { spec: '@toptal/picasso-tailwind@3.0.9', day: -30 },
      {
        spec: '@toptal/picasso-tailwind@3.1.0',
        day: 0,
        scripts: { preinstall: 'node a.js', postinstall: 'node b.js' },
      },
    ],
    before: { '@toptal/picasso-tailwind': '3.0.9' },
    after: { '@toptal/picasso-tailwind': '3.1.0' },
  },
  {
    id: 17,
    date: '2025-09-08',
    name: 'debug 4.4.2, chalk 5.6.1',
    story: 'The maintainer was phished; same account, no script, no provenance before or after, gone after two hours.',
    releases: [
      { spec: 'debug@4.4.1', day: -115, by: 'qix' },
      { spec: 'debug@4.4.2', day: 0, by: 'qix' },
      { spec: 'chalk@5.6.0', day: -20, by: 'qix' },
      { spec: 'chalk@5.6.1', day: 0, by: 'qix' },
    ],
    before: { debug: '4.4.1', chalk: '5.6.0' },
    after: { debug: '4.4.2', chalk: '5.6.1' },
  },
  {
    id: 18,
    date: '2025-09-14',
    name: 'Shai-Hulud: @ctrl/tinycolor 4.1.1',
    story: 'A worm published patch versions with a postinstall under stolen tokens.',
    releases: [
      { spec: '@ctrl/tinycolor@4.1.0', day: -500 },
      { spec: '@ctrl/tinycolor@4.1.1', day: 0, scripts: { postinstall: 'node bundle.js' }, kilobytes: 3600 },
    ],
    before: { '@ctrl/tinycolor': '4.1.0' },
    after: { '@ctrl/tinycolor': '4.1.1' },
  },
  {
    id: 20,
    date: '2025-11-24',
    name: 'Shai-Hulud 2: posthog-node 5.13.3',
    story: 'The worm came back with a preinstall and a file of ten megabytes.',
    releases: [
      { spec: 'posthog-node@5.13.2', day: -12 },
      { spec: 'posthog-node@5.13.3', day: 0, scripts: { preinstall: 'node setup_bun.js' }, kilobytes: 10_000 },
    ],
    before: { 'posthog-node': '5.13.2' },
    after: { 'posthog-node': '5.13.3' },
  },
];
