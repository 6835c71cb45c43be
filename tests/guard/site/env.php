#!/usr/bin/php-cgi
<?php
/* What a program is told: its variables, and the body. */
header('Content-Type: application/json');
echo json_encode(['variables' => $_SERVER, 'body' => file_get_contents('php://input')]);
