#include "json_scan.h"

#include <string.h>

enum { kDepthMax = 32 };

struct scan {
  const char* at;
  const char* end;
};

static void skipSpace(struct scan* in) {
  while (in->at < in->end &&
         (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
    ++in->at;
}

static bool take(struct scan* in, char c) {
  skipSpace(in);
  if (in->at >= in->end || *in->at != c) return false;
  ++in->at;
  return true;
}

static bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

static bool isHex(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool skipEscape(struct scan* in) {
  if (in->at >= in->end) return false;
  const char kind = *in->at++;
  if (kind != 'u') return kind != '\0' && strchr("\"\\/bfnrt", kind) != NULL;
  for (int i = 0; i < 4; ++i) {
    if (in->at >= in->end || !isHex(*in->at++)) return false;
  }
  return true;
}

static bool skipString(struct scan* in) {
  if (!take(in, '"')) return false;
  while (in->at < in->end) {
    const char c = *in->at++;
    if (c == '"') return true;
    if ((unsigned char)c < 0x20) return false;
    if (c == '\\' && !skipEscape(in)) return false;
  }
  return false;
}

static bool skipDigits(struct scan* in) {
  const char* from = in->at;
  while (in->at < in->end && isDigit(*in->at)) ++in->at;
  return in->at > from;
}

static bool skipNumber(struct scan* in) {
  if (in->at < in->end && *in->at == '-') ++in->at;
  if (in->at < in->end && *in->at == '0') {
    ++in->at;
  } else if (!skipDigits(in)) {
    return false;
  }
  if (in->at < in->end && *in->at == '.') {
    ++in->at;
    if (!skipDigits(in)) return false;
  }
  if (in->at < in->end && (*in->at == 'e' || *in->at == 'E')) {
    ++in->at;
    if (in->at < in->end && (*in->at == '+' || *in->at == '-')) ++in->at;
    if (!skipDigits(in)) return false;
  }
  return true;
}

static bool skipWord(struct scan* in, const char* word) {
  const size_t len = strlen(word);
  if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0) return false;
  in->at += len;
  return true;
}

static bool skipValue(struct scan* in, int depth);

static bool skipArray(struct scan* in, int depth) {
  if (!take(in, '[')) return false;
  if (take(in, ']')) return true;
  do {
    if (!skipValue(in, depth)) return false;
  } while (take(in, ','));
  return take(in, ']');
}

/* Walks an object. With `name`, notes the value of that member and counts how often it stands
 * there. */
static bool walkObject(struct scan* in, int depth, const char* name, struct json_piece* found,
                       int* count) {
  if (!take(in, '{')) return false;
  if (take(in, '}')) return true;
  do {
    skipSpace(in);
    struct json_piece key = {in->at, 0};
    if (!skipString(in)) return false;
    key.len = (size_t)(in->at - key.ptr);
    if (!take(in, ':')) return false;
    skipSpace(in);
    struct json_piece value = {in->at, 0};
    if (!skipValue(in, depth)) return false;
    value.len = (size_t)(in->at - value.ptr);
    if (name != NULL && jsonIs(key, name)) {
      *found = value;
      ++*count;
    }
  } while (take(in, ','));
  return take(in, '}');
}

static bool skipValue(struct scan* in, int depth) {
  skipSpace(in);
  if (in->at >= in->end || depth >= kDepthMax) return false;
  switch (*in->at) {
    case '{':
      return walkObject(in, depth + 1, NULL, NULL, NULL);
    case '[':
      return skipArray(in, depth + 1);
    case '"':
      return skipString(in);
    case 't':
      return skipWord(in, "true");
    case 'f':
      return skipWord(in, "false");
    case 'n':
      return skipWord(in, "null");
    default:
      return skipNumber(in);
  }
}

bool jsonFind(const char* text, size_t len, const char* name, struct json_piece* value) {
  struct scan in = {text, text + len};
  int count = 0;
  if (len == 0 || !walkObject(&in, 0, name, value, &count)) return false;
  skipSpace(&in);
  return in.at == in.end && count == 1;
}

bool jsonIsObject(const char* text, size_t len) {
  struct scan in = {text, text + len};
  if (len == 0 || !walkObject(&in, 0, NULL, NULL, NULL)) return false;
  skipSpace(&in);
  return in.at == in.end;
}

bool jsonIs(struct json_piece piece, const char* text) {
  const size_t len = strlen(text);
  return piece.len == len + 2 && piece.ptr[0] == '"' && memcmp(piece.ptr + 1, text, len) == 0;
}

bool jsonAmount(struct json_piece piece, int64_t* amount) {
  if (piece.len >= 2 && piece.ptr[0] == '"') {
    ++piece.ptr;
    piece.len -= 2;
  }
  if (piece.len == 0) return false;
  int64_t value = 0;
  for (size_t i = 0; i < piece.len; ++i) {
    if (!isDigit(piece.ptr[i])) return false;
    const int64_t digit = piece.ptr[i] - '0';
    if (value > (INT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *amount = value;
  return true;
}
