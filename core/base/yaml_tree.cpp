#include "base/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>

#include "base/text.hpp"

namespace unigate::base::yaml {

namespace {

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool allDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view withoutSign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool isReal(std::string_view text) {
  text = withoutSign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    if (!allDigits(withoutSign(text.substr(exponent + 1)))) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return allDigits(text);
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(point + 1);
  return (whole.empty() || allDigits(whole)) && (fraction.empty() || allDigits(fraction)) &&
         !(whole.empty() && fraction.empty());
}

std::optional<Value> readInteger(std::string_view text, int line) {
  Value node;
  node.line = line;
  int base = 10;
  std::string_view digits = text;
  if (text.substr(0, 2) == "0x" || text.substr(0, 2) == "0o") {
    base = text[1] == 'x' ? 16 : 8;
    digits = text.substr(2);
    const auto known = base == 16 ? "0123456789abcdefABCDEF" : "01234567";
    if (digits.empty() || digits.find_first_not_of(known) != std::string_view::npos)
      return std::nullopt;
  } else if (!allDigits(withoutSign(text))) {
    return std::nullopt;
  }
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, node.integer, base).ec == std::errc()) {
    node.kind = Value::Kind::integer;
    return node;
  }
  if (digits.front() != '-' &&
      std::from_chars(digits.data(), end, node.large, base).ec == std::errc()) {
    node.kind = Value::Kind::large;
    return node;
  }
  throw ReadFault{line, "the integer does not fit into 64 bits; quote it if it is text"};
}

// Builds the tree from the parser's events and keeps the limits.
class Builder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Value node;
    node.line = mark.line + 1;
    add(std::move(node), anchor, true);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end())
      throw ReadFault{mark.line + 1, "the alias stands inside its own anchor"};
    // Each use of an alias is a copy and is charged as one, so a few lines can't grow to gigabytes.
    nodes_ += known->second.nodes;
    checkSize(mark.line + 1);
    if (open_.size() + known->second.depth > kDepthMax) tooDeep(mark.line + 1);
    if (!open_.empty()) {
      open_.back().depth = std::max(open_.back().depth, known->second.depth + 1);
    }
    Value copy = known->second.node;
    copy.line = mark.line + 1;
    add(std::move(copy), 0, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const int line = mark.line + 1;
    Value node;
    if (tag == "?") {
      node = expectsKey() ? textNode(value, line) : plainScalar(value, line);
    } else if (tag == "!" || tag == "tag:yaml.org,2002:str") {
      node = textNode(value, line);
    } else {
      throw ReadFault{line, "tag " + printable(tag) + " is not supported; leave it out"};
    }
    add(std::move(node), anchor, false);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

  Value takeRoot() { return std::move(root_); }

 private:
  struct Open {
    Value node;
    YAML::anchor_t anchor = 0;
    std::size_t nodesBefore = 0;
    std::size_t depth = 1;  // levels in this node
    bool hasKey = false;
    std::string key;
    int keyLine = 0;
  };
  struct Anchored {
    Value node;
    std::size_t nodes = 0;
    std::size_t depth = 0;
  };

  static Value textNode(const std::string& text, int line) {
    Value node;
    node.kind = Value::Kind::text;
    node.text = text;
    node.line = line;
    return node;
  }

  static void checkTag(const std::string& tag, int line, std::string_view own) {
    if (tag != "?" && tag != "!" && tag != own)
      throw ReadFault{line, "tag " + printable(tag) + " is not supported; leave it out"};
  }

  [[noreturn]] static void tooDeep(int line) {
    throw ReadFault{line, "nested deeper than " + std::to_string(kDepthMax) + " levels"};
  }

  void checkSize(int line) const {
    if (nodes_ > kNodesMax)
      throw ReadFault{line, "more than " + std::to_string(kNodesMax) +
                                " values, those repeated by aliases included"};
  }

  bool expectsKey() const {
    return !open_.empty() && open_.back().node.kind == Value::Kind::mapping && !open_.back().hasKey;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            Value::Kind kind) {
    const int line = mark.line + 1;
    checkTag(tag, line,
             kind == Value::Kind::list ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map");
    if (open_.size() >= kDepthMax) tooDeep(line);
    if (expectsKey()) throw ReadFault{line, "a key must be a plain or quoted text"};
    Open entry;
    entry.node.kind = kind;
    entry.node.line = line;
    entry.anchor = anchor;
    entry.nodesBefore = nodes_;
    open_.push_back(std::move(entry));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0)
      anchored_[done.anchor] = {done.node, nodes_ - done.nodesBefore + 1, done.depth};
    if (!open_.empty()) open_.back().depth = std::max(open_.back().depth, done.depth + 1);
    add(std::move(done.node), 0, false);
  }

  void add(Value node, YAML::anchor_t anchor, bool isNull) {
    ++nodes_;
    checkSize(node.line);
    if (anchor != 0) anchored_[anchor] = {node, 1, 0};
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Value::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.hasKey) {
      if (isNull || node.kind != Value::Kind::text)
        throw ReadFault{node.line, "a key must be a plain or quoted text"};
      if (const Value* first = parent.node.member(node.text)) {
        throw ReadFault{node.line, "key \"" + printable(node.text) +
                                       "\" stands twice; first in line " +
                                       std::to_string(first->line)};
      }
      parent.hasKey = true;
      parent.key = std::move(node.text);
      parent.keyLine = node.line;
    } else {
      node.line = parent.keyLine;
      parent.node.members.push_back({std::move(parent.key), std::move(node)});
      parent.hasKey = false;
    }
  }

  Value root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t nodes_ = 0;
};

// Line of the byte at `at`, from 1.
int lineAt(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

void checkBytes(std::string_view text) {
  if (text.size() > kBytesMax) throw ReadFault{0, "larger than 1 MiB"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F)
      throw ReadFault{lineAt(text, at), "holds a control character; is this a text file?"};
  }
  if (isUtf8(text)) return;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (!isUtf8(text.substr(start, end - start))) break;
    start = end + 1;
  }
  throw ReadFault{lineAt(text, std::min(start, text.size())), "is not UTF-8"};
}

}  // namespace

Value* Value::member(std::string_view name) {
  for (auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

Value plainScalar(std::string_view text, int line) {
  Value node;
  node.line = line;
  if (text.empty() || isOneOf(text, {"null", "Null", "NULL", "~"})) return node;
  if (isOneOf(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    node.kind = Value::Kind::boolean;
    node.flag = text.front() == 't' || text.front() == 'T';
    return node;
  }
  if (auto integer = readInteger(text, line)) return *integer;
  if (isOneOf(withoutSign(text), {".inf", ".Inf", ".INF"}) ||
      isOneOf(text, {".nan", ".NaN", ".NAN"}))
    throw ReadFault{line, "the number is not finite; quote it if it is text"};
  if (isReal(text)) {
    const std::string_view digits = text.front() == '+' ? text.substr(1) : text;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), node.real);
    if (read.ec != std::errc() || !std::isfinite(node.real))
      throw ReadFault{line, "the number is out of range; quote it if it is text"};
    node.kind = Value::Kind::real;
    return node;
  }
  node.kind = Value::Kind::text;
  node.text = std::string(text);
  return node;
}

Value read(std::string_view text) {
  checkBytes(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder;
    Value root;
    if (parser.HandleNextDocument(builder)) root = builder.takeRoot();
    if (root.kind == Value::Kind::null) root.kind = Value::Kind::mapping;
    Builder second;
    if (parser.HandleNextDocument(second))
      throw ReadFault{second.takeRoot().line, "a second document; only one is allowed in a file"};
    return root;
  } catch (const YAML::Exception& fault) {
    const int line = fault.mark.line < 0 ? 0 : fault.mark.line + 1;
    const std::string column =
        fault.mark.column < 0 ? "" : " (column " + std::to_string(fault.mark.column + 1) + ")";
    throw ReadFault{line, "no valid YAML: " + fault.msg + column};
  } catch (const ReadFault&) {
    throw;
  } catch (const std::exception& fault) {
    throw ReadFault{0, std::string("no valid YAML: ") + fault.what()};
  }
}

}  // namespace unigate::base::yaml
