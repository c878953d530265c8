// What holds install scripts in, piece by piece; attacks.test.ts tries the whole. One process for all: to start one takes
// longer than most of these tests do.
import './bridge.cases.ts';
import './bubblewrap.cases.ts';
import './limits.cases.ts';
import './open.cases.ts';
import './seatbelt.cases.ts';
import './shell.cases.ts';
import './visible.cases.ts';
import './watch.cases.ts';
import './way-out.cases.ts';
