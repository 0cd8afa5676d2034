import { expect, test } from '@playwright/test';

test('host and guest, each on its origin, count together', async ({ page }) => {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto('/');
  const guest = page.frameLocator('iframe');
  await page.getByRole('button', { name: 'Add 2' }).click();
  await expect(page.locator('output')).toHaveText('2');
  await expect(guest.locator('output')).toHaveText('2');
  await guest.getByRole('button', { name: 'Tell the host' }).click();
  await expect(page.locator('p[role=status]')).toHaveText('The widget says: 2');
  expect(complaints).toEqual([]);
});
