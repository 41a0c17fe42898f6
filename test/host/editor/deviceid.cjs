// Stands in for @vscode/deviceid: every test machine is the same device, and nothing is sent anywhere.
exports.getDeviceId = async () => '00000000-0000-4000-8000-000000000000';
