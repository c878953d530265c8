export { isJsonArray as isArray, JsonObject, typeOfJson as typeOf, type JsonValue } from '@lockseal/core';
