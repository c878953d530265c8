// What is known of install scripts before they run. One process for all: to start one takes longer than these tests do.
import './environment.cases.ts';
import './findings.cases.ts';
import './order.cases.ts';
import './own-files.cases.ts';
import './plan.cases.ts';
import './read-scripts.cases.ts';
import './run-scripts.cases.ts';
