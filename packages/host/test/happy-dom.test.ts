// @vitest-environment happy-dom
import { describeComponent } from './fixtures/component.ts';

describeComponent('happy-dom');
