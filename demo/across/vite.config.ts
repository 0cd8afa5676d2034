import { page } from '../page.config.ts';

export default page({ input: ['index.html', 'sender.html', 'classic.html', 'trier.html', 'witness.html'] });
