// Damage to bundles, chosen by seeded chance: what an attacker on the way, or a bug in a tool, could make of one.

/** A generator of whole numbers below a bound. */
export type Chance = (bound: number) => number;

/** mulberry32: small, seeded, and good enough to choose damage. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

type Container = Record<string, unknown>;

/** A place in a JSON value: `holder[name]`. */
interface Place {
  readonly holder: Container;
  readonly name: string;
  readonly path: string;
}

interface Mutation {
  readonly name: string;
  /** false: there is nothing here that this could be done to. */
  readonly apply: (bundle: unknown, donor: unknown, chance: Chance) => boolean;
}

export const MUTATIONS: readonly Mutation[] = [
  { name: 'flip a bit of bytes', apply: (bundle, _, chance) => editBytes(bundle, chance, flipBit) },
  {
    name: 'flip a bit of the certificate',
    apply: (bundle, _, chance) => editBytes(bundle, chance, flipBit, /rawBytes/),
  },
  { name: 'cut bytes short', apply: (bundle, _, chance) => editBytes(bundle, chance, cutShort) },
  { name: 'append a byte', apply: (bundle, _, chance) => editBytes(bundle, chance, appendByte) },
  { name: 'break a length of DER', apply: (bundle, _, chance) => editBytes(bundle, chance, breakLength, DER_MEMBERS) },
  { name: 'take a member from another bundle', apply: takeFromDonor },
  { name: 'remove a member', apply: (bundle, _, chance) => edit(bundle, chance, remove) },
  { name: 'repeat an element', apply: (bundle, _, chance) => editList(bundle, chance, (list) => [...list, ...list]) },
  { name: 'reverse a list', apply: (bundle, _, chance) => editList(bundle, chance, (list) => list.toReversed()) },
  { name: 'change a character', apply: (bundle, _, chance) => edit(bundle, chance, changeCharacter) },
  { name: 'change a number', apply: (bundle, _, chance) => edit(bundle, chance, changeNumber) },
  { name: 'change the type of a member', apply: (bundle, _, chance) => edit(bundle, chance, changeType) },
  { name: 'encode bytes another way', apply: (bundle, _, chance) => edit(bundle, chance, reencode) },
];

const DER_MEMBERS = /rawBytes|signedTimestamp|sig$|signedEntryTimestamp/;

/** A copy of the bundle with one piece of damage; undefined where this kind does not fit it. */
export function mutate(mutation: Mutation, bundle: unknown, donor: unknown, chance: Chance): unknown {
  const copy: unknown = structuredClone(bundle);
  return mutation.apply(copy, structuredClone(donor), chance) ? copy : undefined;
}

function placesIn(value: unknown, path = ''): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Container;
  return Object.keys(holder).flatMap((name) => {
    const here = path === '' ? name : `${path}.${name}`;
    return [{ holder, name, path: here }, ...placesIn(holder[name], here)];
  });
}

function edit(bundle: unknown, chance: Chance, change: (place: Place, chance: Chance) => boolean): boolean {
  const places = placesIn(bundle);
  const place = places[chance(Math.max(places.length, 1))];
  return place !== undefined && change(place, chance);
}

function editBytes(
  bundle: unknown,
  chance: Chance,
  change: (bytes: Buffer, chance: Chance) => Buffer,
  only = /(?:)/,
): boolean {
  const places = placesIn(bundle).filter((each) => only.test(each.path) && bytesAt(each) !== undefined);
  const place = places[chance(Math.max(places.length, 1))];
  const bytes = place === undefined ? undefined : bytesAt(place);
  if (place === undefined || bytes === undefined) return false;
  place.holder[place.name] = change(bytes, chance).toString('base64');
  return true;
}

/** Base64 of at least eight bytes; shorter text is more likely a word. */
function bytesAt({ holder, name }: Place): Buffer | undefined {
  const value = holder[name];
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length >= 8 && bytes.toString('base64') === value ? bytes : undefined;
}

function flipBit(bytes: Buffer, chance: Chance): Buffer {
  const at = chance(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.of((bytes[at] ?? 0) ^ (1 << chance(8))), bytes.subarray(at + 1)]);
}

function cutShort(bytes: Buffer, chance: Chance): Buffer {
  return bytes.subarray(0, chance(bytes.length));
}

function appendByte(bytes: Buffer, chance: Chance): Buffer {
  return Buffer.concat([bytes, Buffer.of(chance(0x100))]);
}

/** Writes one of the first lengths with more bytes than it needs, or another value: BER that is not DER. */
function breakLength(bytes: Buffer, chance: Chance): Buffer {
  const at = 1 + chance(Math.min(40, bytes.length - 1));
  const length = bytes[at] ?? 0;
  const forms = [Buffer.of(0x81, length), Buffer.of(0x82, 0, length), Buffer.of(0x80), Buffer.of(length + 1)];
  return Buffer.concat([bytes.subarray(0, at), forms[chance(forms.length)] ?? Buffer.of(), bytes.subarray(at + 1)]);
}

function takeFromDonor(bundle: unknown, donor: unknown, chance: Chance): boolean {
  const offered = new Map(placesIn(donor).map((place) => [place.path, place]));
  const places = placesIn(bundle).filter(({ path }) => offered.has(path));
  const place = places[chance(Math.max(places.length, 1))];
  const other = place === undefined ? undefined : offered.get(place.path);
  if (place === undefined || other === undefined) return false;
  place.holder[place.name] = other.holder[other.name];
  return true;
}

function remove({ holder, name }: Place): boolean {
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
  return true;
}

function editList(bundle: unknown, chance: Chance, change: (list: readonly unknown[]) => unknown[]): boolean {
  const places = placesIn(bundle).filter(({ holder, name }) => Array.isArray(holder[name]));
  const place = places[chance(Math.max(places.length, 1))];
  if (place === undefined) return false;
  place.holder[place.name] = change(place.holder[place.name] as unknown[]);
  return true;
}

function changeCharacter({ holder, name }: Place, chance: Chance): boolean {
  const value = holder[name];
  if (typeof value !== 'string' || value === '') return false;
  const at = chance(value.length);
  holder[name] = `${value.slice(0, at)}${String.fromCharCode(0x20 + chance(0x5f))}${value.slice(at + 1)}`;
  return true;
}

function changeNumber({ holder, name }: Place, chance: Chance): boolean {
  const value = holder[name];
  if (!/^\d{1,15}$/.test(String(value))) return false;
  const others = [Number(value) + 1, Number(value) - 1, 0, 2 ** 53, `0${String(value)}`, `${String(value)}.0`];
  const other = others[chance(others.length)];
  holder[name] = typeof value === 'string' ? String(other) : other;
  return true;
}

function changeType({ holder, name }: Place, chance: Chance): boolean {
  const others = [null, '', 0, true, [], {}, [holder[name]], { value: holder[name] }];
  holder[name] = others[chance(others.length)];
  return true;
}

/** Other spellings of the same bytes, and bytes behind padding. */
function reencode(place: Place, chance: Chance): boolean {
  const bytes = bytesAt(place);
  if (bytes === undefined) return false;
  const base64 = bytes.toString('base64');
  const others = [bytes.toString('base64url'), bytes.toString('hex'), ` ${base64}`, `${base64}=`, `${base64}AAAA`];
  place.holder[place.name] = others[chance(others.length)];
  return true;
}
