/**
 * What captions need of the browser, asked together when they are first started. `activeTab` has no warning of its own,
 * but it must not be there before: a click on the icon counts for the permissions that there are at that moment, and in
 * the same tab a later one adds nothing to what an earlier one gave.
 */
export const capturePermissions: chrome.permissions.Permissions = {
  permissions: ['activeTab', 'tabCapture'],
}

/** Whether the listener has given them. */
export const mayCapture = (): Promise<boolean> => chrome.permissions.contains(capturePermissions)
