<?php
/*
 * Notes. Every notebook has a name and is at /notes/NAME/:
 *
 *   GET    /notes/NAME/     the notes: {"1": "buy milk", …}
 *   POST   /notes/NAME/     adds the body as a note, and answers its number
 *   DELETE /notes/NAME/1    removes that note
 *
 * The program knows nothing of accounts, passwords and tokens. Who may open which notebook is decided
 * before it is asked: see policy.conf.
 */

function answer(int $status, $value): void
{
	http_response_code($status);
	header('Content-Type: application/json');
	header('Cache-Control: no-store');
	exit(json_encode($value, JSON_UNESCAPED_UNICODE) . "\n");
}

$path = explode('/', rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)));
$name = $path[2] ?? '';
$number = $path[3] ?? '';
$method = $_SERVER['REQUEST_METHOD'];
if (!preg_match('/^[0-9A-Za-z_-]{1,87}$/D', $name) || count($path) > 4)
	answer(404, 'there is no such notebook');

/* One file for each notebook, locked while it is in use. */
$file = fopen($_SERVER['NOTES_DATA'] . "/$name.json", 'c+');
flock($file, LOCK_EX);
$notes = json_decode(stream_get_contents($file) ?: '{}', true);

if (($method === 'GET' || $method === 'HEAD') && $number === '')
	answer(200, (object)$notes);
if ($method === 'POST' && $number === '') {
	$text = file_get_contents('php://input');
	if ($text === '' || strlen($text) > 65536 || !is_utf8($text))
		answer(400, 'a note is 1 to 65536 bytes of UTF-8');
	$number = $notes ? max(array_keys($notes)) + 1 : 1;
	$notes[$number] = $text;
} elseif ($method === 'DELETE' && isset($notes[$number])) {
	unset($notes[$number]);
} else {
	answer($number === '' ? 405 : 404, 'there is no such note');
}
rewind($file);
ftruncate($file, 0);
fwrite($file, json_encode((object)$notes));
answer(200, (int)$number);

/* mbstring is not in every PHP; PCRE is. */
function is_utf8(string $text): bool
{
	return preg_match('//u', $text) === 1;
}
