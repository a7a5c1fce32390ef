/* Finds members of one flat level of a JSON object, without allocation. Strict enough for answers
 * from outside: the whole text must be one well-formed object, and a member that stands there twice
 * is not found. Any thread. */
#ifndef EXAMPLE_JSON_SCAN_H
#define EXAMPLE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of the scanned text: a string with its quotes, a number, or any other value as it stands.
 */
struct json_piece {
  const char* ptr;
  size_t len;
};

/* True if the text is one well-formed object. */
bool jsonIsObject(const char* text, size_t len);

/* The value of a member of the outermost object; false if it is absent or stands there twice.
 * `name` is plain ASCII. */
bool jsonFind(const char* text, size_t len, const char* name, struct json_piece* value);

/* True if the piece is the string `text`, which is plain ASCII. */
bool jsonIs(struct json_piece piece, const char* text);

/* An integer from 0 on, written as a number or, as large ones are, as a string. False for all else.
 */
bool jsonAmount(struct json_piece piece, int64_t* amount);

#endif
