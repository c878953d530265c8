import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  npmrcWithoutSecrets,
  tomlWithoutSecrets,
  variablesOfSecrets,
  yamlWithoutSecrets,
} from '../../src/run/user-config.ts';
import { detoursIn, yamlDetoursIn } from '../../src/run/detours.ts';

const SECRET = 's3cret';

interface Vector {
  readonly why: string;
  readonly text: string;
  readonly left: string;
}

const NPMRC: readonly Vector[] = [
  {
    why: 'registries stay',
    text: 'registry=https://r.example/\n@a:registry=https://a.example/',
    left: 'registry=https://r.example/\n@a:registry=https://a.example/',
  },
  { why: 'settings of resolution stay', text: 'legacy-peer-deps=true', left: 'legacy-peer-deps=true' },
  { why: 'a token by host goes', text: `//r.example/:_authToken=${SECRET}`, left: '' },
  { why: 'a token with spaces around goes', text: `  //r.example/:_authToken = ${SECRET}`, left: '' },
  { why: 'a quoted key goes', text: `"//r.example/:_auth" = "${SECRET}"`, left: '' },
  { why: 'a token at the top goes', text: `_authToken=${SECRET}\n_auth=${SECRET}\n_password=${SECRET}`, left: '' },
  { why: 'a user in the URL goes', text: `registry=https://u:${SECRET}@r.example/`, left: '' },
  {
    why: 'proxies and certificates go',
    text: 'https-proxy=http://p/\nnoproxy=x\ncafile=/a\nca[]="x"\nkey=k\ncert=c',
    left: '',
  },
  {
    why: 'Yarn 1 writes without an equals sign',
    text: `registry "https://r.example/"\n"//r.example/:_authToken" ${SECRET}`,
    left: 'registry "https://r.example/"',
  },
];

const YAML: readonly Vector[] = [
  { why: 'settings stay', text: 'nodeLinker: node-modules', left: 'nodeLinker: node-modules' },
  { why: 'a token goes', text: `npmAuthToken: ${SECRET}\nenableTelemetry: false`, left: 'enableTelemetry: false' },
  {
    why: 'a scope keeps its registry',
    text: `npmScopes:\n  a:\n    npmRegistryServer: "https://a.example"\n    npmAuthToken: ${SECRET}`,
    left: 'npmScopes:\n  a:\n    npmRegistryServer: "https://a.example"',
  },
  {
    why: 'a table in braces goes whole',
    text: `npmScopes:\n  a: { npmRegistryServer: "https://a.example", npmAuthToken: ${SECRET} }`,
    left: '',
  },
  { why: 'one on a single line goes whole', text: `npmScopes: { a: { npmAuthToken: ${SECRET} } }`, left: '' },
  {
    why: 'a text in the lines below goes with its table',
    text: `npmRegistries:\n  "//r.example":\n    npmAuthToken: |\n      ${SECRET}`,
    left: '',
  },
  { why: 'settings of hosts go', text: 'networkSettings:\n  "*":\n    httpsProxy: x', left: '' },
];

const TOML: readonly Vector[] = [
  { why: 'settings stay', text: '[install]\nexact = true', left: '[install]\nexact = true' },
  {
    why: 'a registry with its token goes',
    text: `[install.scopes]\na = { url = "https://a.example/", token = "${SECRET}" }`,
    left: '[install.scopes]',
  },
  { why: 'a user in the URL goes', text: `"@a" = "https://u:${SECRET}@a.example/"`, left: '' },
];

for (const [name, filter, vectors] of [
  ['npmrc', npmrcWithoutSecrets, NPMRC],
  ['YAML', yamlWithoutSecrets, YAML],
  ['TOML', tomlWithoutSecrets, TOML],
] as const) {
  describe(`a user's ${name}`, () => {
    for (const { why, text, left } of vectors) {
      test(why, () => {
        assert.equal(filter(text).trim(), left);
        assert.ok(!filter(text).includes(SECRET));
      });
    }
  });
}

test('the variables that credentials are taken from are found, others are not', () => {
  const text = '//r/:_authToken=${A}\nnpmAuthIdent: "${B:-}:${C-x}"\nregistry=${D}\ntoken = "${E?}"';
  assert.deepEqual(variablesOfSecrets(text), ['A', 'B', 'C', 'E']);
});

describe('settings of a project that lead past the gate', () => {
  const vectors = [
    { file: '.npmrc', text: 'https-proxy=http://x/', family: 'pnpm', found: ['https-proxy=http://x/'] },
    { file: '.npmrc', text: ' noproxy = corp', family: 'pnpm', found: ['noproxy = corp'] },
    { file: '.npmrc', text: '"https-proxy"=x', family: 'pnpm', found: ['"https-proxy"=x'] },
    { file: '.npmrc', text: "'proxy' = x", family: 'pnpm', found: ["'proxy' = x"] },
    { file: '.npmrc', text: 'https-proxy[]=x', family: 'pnpm', found: ['https-proxy[]=x'] },
    {
      file: '.npmrc',
      text: String.raw`"https\u002dproxy"=x`,
      family: 'pnpm',
      found: [String.raw`"https\u002dproxy"=x`],
    },
    { file: '.npmrc', text: '${X:-https-proxy}=x', family: 'pnpm', found: ['${X:-https-proxy}=x'] },
    {
      file: '.npmrc',
      text: ' //${HOST}/:_authToken=${T}\n; ${a}=b\nregistry=https://r/?a=${B}\nprefix=c:\\x',
      family: 'pnpm',
      found: [],
    },
    // The environment is stronger: measured with npm 10, 11 and 12.
    { file: '.npmrc', text: 'https-proxy=http://x/', family: 'npm', found: [] },
    {
      file: 'pnpm-workspace.yaml',
      text: 'packages: [a]\nhttpsProxy: http://x/',
      family: 'pnpm',
      found: ['httpsProxy: http://x/'],
    },
    { file: 'pnpm-workspace.yaml', text: '# httpsProxy: x\ncatalog:\n  proxy: 1.0.0', family: 'pnpm', found: [] },
    {
      file: '.yarnrc',
      text: '--install.https-proxy "http://x/"',
      family: 'yarn-classic',
      found: ['--install.https-proxy "http://x/"'],
    },
    {
      file: '.yarnrc',
      text: String.raw`"--install.https\u002dproxy" "x"`,
      family: 'yarn-classic',
      found: [String.raw`"--install.https\u002dproxy" "x"`],
    },
    {
      file: '.yarnrc.yml',
      text: 'networkSettings:\n  "*":\n    httpsProxy: x',
      family: 'yarn-berry',
      found: ['httpsProxy: x'],
    },
    {
      file: '.yarnrc.yml',
      text: 'networkSettings: { "*": { httpProxy: x } }',
      family: 'yarn-berry',
      found: ['networkSettings: { "*": { httpProxy: x } }'],
    },
    // A variable is stronger: measured with Yarn 4.18.
    { file: '.yarnrc.yml', text: 'httpsProxy: x', family: 'yarn-berry', found: [] },
  ] as const;
  for (const { file, text, family, found } of vectors) {
    test(`${family}: ${JSON.stringify(text)} in ${file}`, () => {
      assert.deepEqual(detoursIn(file, text, [family]), found);
    });
  }
});

describe('settings in YAML that lead past the gate, as they were parsed', () => {
  const circle: Record<string, unknown> = { enableNetwork: 'true' };
  circle['again'] = circle;
  const vectors = [
    { file: 'pnpm-workspace.yaml', settings: { httpsProxy: 'x' }, family: 'pnpm', found: ['httpsProxy'] },
    { file: 'pnpm-workspace.yaml', settings: { 'no-proxy': 'x' }, family: 'pnpm', found: ['no-proxy'] },
    { file: 'pnpm-workspace.yaml', settings: { '<<': { httpsProxy: 'x' } }, family: 'pnpm', found: ['<<'] },
    { file: 'pnpm-workspace.yaml', settings: { catalog: { proxy: '1.0.0' } }, family: 'pnpm', found: [] },
    { file: 'pnpm-workspace.yaml', settings: { httpsProxy: 'x' }, family: 'npm', found: [] },
    {
      file: '.yarnrc.yml',
      settings: { networkSettings: { '*': { httpsProxy: 'x' } } },
      family: 'yarn-berry',
      found: ['networkSettings with a proxy'],
    },
    { file: '.yarnrc.yml', settings: { networkSettings: circle }, family: 'yarn-berry', found: [] },
    { file: '.yarnrc.yml', settings: { httpsProxy: 'x' }, family: 'yarn-berry', found: [] },
  ] as const;
  for (const { file, settings, family, found } of vectors) {
    test(`${family}: ${Object.keys(settings).join(', ')} in ${file}: ${found.length}`, () => {
      assert.deepEqual(yamlDetoursIn(file, new Map(Object.entries(settings)), [family]), found);
    });
  }
});
