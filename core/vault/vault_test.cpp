#include "vault/vault.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <type_traits>

#include "base/text.hpp"
#include "vault/crypto.hpp"

using namespace unigate;
using vault::SealedSecret;
using vault::SecretPlace;
using vault::SecretString;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vault-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write(const std::string& path, const std::string& content, mode_t mode) {
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), mode);
}

const SecretPlace kPlace{"org_1", "secrets", "acc_1", "secret_key"};

struct Fixture {
  Folder folder;
  base::SystemRandom random;
  std::unique_ptr<vault::Vault> vault;

  Fixture() {
    REQUIRE(vault::createKekFile(folder.file("kek"), random));
    auto opened = vault::Vault::open("file:" + folder.file("kek"), random);
    REQUIRE(opened);
    vault = std::move(*opened);
  }
  SealedSecret seal(std::string_view text = "value-of-the-credential") const {
    auto sealed = vault->seal(kPlace, SecretString(text));
    REQUIRE(sealed);
    return *sealed;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Opens what it sealed") {
  for (const auto& text : {std::string(), std::string("x"), std::string(5000, '\0')}) {
    const auto opened = vault->open(kPlace, seal(text));
    REQUIRE(opened);
    CHECK(opened->reveal() == text);
  }
}

TEST_CASE_METHOD(Fixture, "Seals the same text differently each time") {
  const auto first = seal();
  const auto second = seal();
  CHECK(first.nonce != second.nonce);
  CHECK(first.wrappedKey != second.wrappedKey);
  CHECK(first.ciphertext != second.ciphertext);
  CHECK(base::fromBase64(first.ciphertext)->find("credential") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Refuses a seal that was moved to another place") {
  const auto sealed = seal();
  const std::vector<SecretPlace> others = {{"org_2", "secrets", "acc_1", "secret_key"},
                                           {"org_1", "tokens", "acc_1", "secret_key"},
                                           {"org_1", "secrets", "acc_2", "secret_key"},
                                           {"org_1", "secrets", "acc_1", "webhook_secret"},
                                           // the same letters, cut elsewhere
                                           {"org_1s", "ecrets", "acc_1", "secret_key"},
                                           {"org_1", "secretsacc_1", "", "secret_key"}};
  for (const auto& place : others) CHECK_FALSE(vault->open(place, sealed));
  CHECK(vault->open(kPlace, sealed));
}

TEST_CASE_METHOD(Fixture, "Refuses a seal of which any part was changed") {
  const auto sealed = seal();
  const auto flip = [](const std::string& base64, std::size_t at) {
    auto bytes = *base::fromBase64(base64);
    bytes[at % bytes.size()] = static_cast<char>(bytes[at % bytes.size()] ^ 1);
    return base::toBase64(bytes);
  };
  for (std::size_t at = 0; at < 60; ++at) {
    auto changed = sealed;
    changed.wrappedKey = flip(sealed.wrappedKey, at);
    CHECK_FALSE(vault->open(kPlace, changed));
    changed = sealed;
    changed.nonce = flip(sealed.nonce, at);
    CHECK_FALSE(vault->open(kPlace, changed));
    changed = sealed;
    changed.ciphertext = flip(sealed.ciphertext, at);
    CHECK_FALSE(vault->open(kPlace, changed));
  }
  auto changed = sealed;
  for (const std::int64_t version : {0, 1, 3}) {
    changed.version = version;
    CHECK_FALSE(vault->open(kPlace, changed));
  }
  changed = sealed;
  changed.ciphertext = "not base64!";
  CHECK_FALSE(vault->open(kPlace, changed));
  changed = sealed;
  changed.ciphertext.clear();
  CHECK_FALSE(vault->open(kPlace, changed));
}

TEST_CASE_METHOD(Fixture, "Says so when a secret was sealed under another key") {
  REQUIRE(vault::createKekFile(folder.file("other"), random));
  const auto other = vault::Vault::open("file:" + folder.file("other"), random);
  REQUIRE(other);
  const auto opened = (*other)->open(kPlace, seal());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "secret_of_another_key");
  CHECK(opened.error().detail.find(vault->keyId()) != std::string::npos);

  auto claimed = seal();
  claimed.keyId = (*other)->keyId();  // the key id is part of what the seal authenticates
  CHECK_FALSE((*other)->open(kPlace, claimed));
}

TEST_CASE_METHOD(Fixture, "Derives one key for each purpose, the same each time") {
  CHECK(vault->deriveKey("api-keys").reveal() == vault->deriveKey("api-keys").reveal());
  CHECK(vault->deriveKey("api-keys").reveal() != vault->deriveKey("sessions").reveal());
  CHECK(vault->deriveKey("api-keys").size() == 32);
}

TEST_CASE("Derives what the releases before it derived from the same key") {
  Folder folder;
  base::SystemRandom random;
  const std::string key = "0123456789abcdefghijklmnopqrstuv";
  write(folder.file("kek"), key, 0400);
  const auto opened = std::move(*vault::Vault::open("file:" + folder.file("kek"), random));
  CHECK(opened->deriveKey("api-key-pepper").reveal() ==
        vault::hkdfSha256(key, "unigate", "api-key-pepper"));
}

TEST_CASE_METHOD(Fixture, "Opens what a key of version 1 sealed, and wraps it anew") {
  // Made by the release before version 2: key "0123456789abcdefghijklmnopqrstuv".
  write(folder.file("old"), "0123456789abcdefghijklmnopqrstuv", 0400);
  const auto old = std::move(
      *vault::Vault::open("file:" + folder.file("old"), random, {"file:" + folder.file("kek")}));
  const SealedSecret sealed{
      1, old->keyId(),
      "DA0ODxAREhMUFRYXILdjPBl/k2WglGCgtDRmdWq0CcRTJAfBf9AyEkLGxBSlBP5u70v2YUzB4H9cwxxg",
      "AAECAwQFBgcICQoL", "MWO6bqDFrX2tN/L5woAXA6O56VE7vciYwfYeNk+Tau4vMrUF"};
  const auto opened = old->open(kPlace, sealed);
  REQUIRE(opened);
  CHECK(opened->reveal() == "value of version one");
  const auto moved = old->rewrap(kPlace, sealed, vault->keyId());
  REQUIRE(moved);
  const auto again = vault->open(kPlace, *moved);
  REQUIRE(again);
  CHECK(again->reveal() == "value of version one");
}

TEST_CASE_METHOD(Fixture,
                 "A ring opens what its older keys sealed and seals under its current one") {
  const auto sealed = seal();
  REQUIRE(vault::createKekFile(folder.file("new"), random));
  const auto ring = std::move(
      *vault::Vault::open("file:" + folder.file("new"), random, {"file:" + folder.file("kek")}));
  CHECK(ring->knows(vault->keyId()));
  REQUIRE(ring->open(kPlace, sealed));
  const auto fresh = ring->seal(kPlace, SecretString(std::string_view("new")));
  REQUIRE(fresh);
  CHECK(fresh->keyId == ring->keyId());
  CHECK(fresh->keyId != vault->keyId());
}

TEST_CASE_METHOD(Fixture, "Wraps the data key alone anew, bound to the same place") {
  const auto sealed = seal();
  REQUIRE(vault::createKekFile(folder.file("new"), random));
  const auto newId = vault->addKey("file:" + folder.file("new"));
  REQUIRE(newId);
  const auto moved = vault->rewrap(kPlace, sealed, *newId);
  REQUIRE(moved);
  CHECK(moved->keyId == *newId);
  CHECK(moved->ciphertext == sealed.ciphertext);
  CHECK(moved->wrappedKey != sealed.wrappedKey);
  const auto newer = std::move(*vault::Vault::open("file:" + folder.file("new"), random));
  REQUIRE(newer->open(kPlace, *moved));
  CHECK_FALSE(newer->open(kPlace, sealed));
  CHECK_FALSE(newer->open({"org_2", "secrets", "acc_1", "secret_key"}, *moved));
  CHECK_FALSE(vault->rewrap({"org_2", "secrets", "acc_1", "secret_key"}, sealed, *newId));
}

TEST_CASE_METHOD(Fixture, "Finds a key that its source got later") {
  write(folder.file("both"), std::string(32, 'a'), 0600);
  const auto serving = std::move(*vault::Vault::open("file:" + folder.file("both"), random));
  write(folder.file("other"), std::string(32, 'b'), 0600);
  const auto other = std::move(*vault::Vault::open("file:" + folder.file("other"), random));
  const auto sealed = *other->seal(kPlace, SecretString(std::string_view("later")));
  write(folder.file("both"), std::string(32, 'b'), 0600);
  const auto opened = serving->open(kPlace, sealed);
  REQUIRE(opened);
  CHECK(opened->reveal() == "later");
}

namespace {

// A book in memory.
struct Book : vault::KeyBook {
  std::string sealing;
  std::map<std::string, SealedSecret> bridges;
  base::Result<std::string> sealingKey() override { return sealing; }
  base::Result<SealedSecret> bridgeTo(const std::string& keyId) override {
    const auto found = bridges.find(keyId);
    return found == bridges.end() ? SealedSecret{0, "", "", "", ""} : found->second;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "A process with the old key alone follows the book to newer ones") {
  REQUIRE(vault::createKekFile(folder.file("second"), random));
  REQUIRE(vault::createKekFile(folder.file("third"), random));
  const auto rotating = std::move(*vault::Vault::open("file:" + folder.file("kek"), random));
  const auto second = *rotating->addKey("file:" + folder.file("second"));
  const auto third = *rotating->addKey("file:" + folder.file("third"));
  const auto book = std::make_shared<Book>();
  book->bridges[second] = *rotating->bridge(rotating->keyId(), second);
  book->bridges[third] = *rotating->bridge(second, third);
  const auto moved = *rotating->rewrap(kPlace, seal(), third);
  CHECK_FALSE(vault->open(kPlace, moved));
  vault->useBook(book);
  REQUIRE(vault->open(kPlace, moved));
  CHECK(vault->seal(kPlace, SecretString(std::string_view("x")))->keyId == vault->keyId());
  book->sealing = third;
  CHECK(vault->seal(kPlace, SecretString(std::string_view("x")))->keyId == third);
  book->sealing = "ffffffff";
  CHECK(vault->seal(kPlace, SecretString(std::string_view("x"))).error().code ==
        "secret_of_another_key");
}

TEST_CASE_METHOD(Fixture, "A bridge that leads to another key than it says is not believed") {
  REQUIRE(vault::createKekFile(folder.file("second"), random));
  const auto rotating = std::move(*vault::Vault::open("file:" + folder.file("kek"), random));
  const auto second = *rotating->addKey("file:" + folder.file("second"));
  const auto book = std::make_shared<Book>();
  book->bridges["00000000"] = *rotating->bridge(rotating->keyId(), second);
  vault->useBook(book);
  CHECK_FALSE(vault->knows("00000000"));
}

TEST_CASE_METHOD(Fixture, "Derived keys stand on the root, whatever the key") {
  REQUIRE(vault::createKekFile(folder.file("new"), random));
  const auto newer = std::move(*vault::Vault::open("file:" + folder.file("new"), random));
  const auto before = vault->deriveKey("api-keys");
  CHECK(newer->deriveKey("api-keys").reveal() != before.reveal());
  newer->useRoot(vault->rootOfKey());
  CHECK(newer->deriveKey("api-keys").reveal() == before.reveal());
}

TEST_CASE("Makes a key file once, for its owner alone, and never overwrites it") {
  Folder folder;
  base::SystemRandom random;
  const auto path = folder.file("new/kek");
  REQUIRE(vault::createKekFile(path, random));
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0400);
  std::stringstream before;
  before << std::ifstream(path).rdbuf();
  const auto again = vault::createKekFile(path, random);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "already_exists");
  std::stringstream after;
  after << std::ifstream(path).rdbuf();
  CHECK(before.str() == after.str());
}

TEST_CASE("Takes a key as raw bytes, base64 or hex and knows them for the same") {
  Folder folder;
  base::SystemRandom random;
  const std::string key = "0123456789abcdefghijklmnopqrstuv";
  write(folder.file("raw"), key, 0400);
  write(folder.file("base64"), base::toBase64(key) + "\n", 0600);
  write(folder.file("hex"), base::toHex(key) + "\n", 0600);
  const auto raw = vault::Vault::open("file:" + folder.file("raw"), random);
  REQUIRE(raw);
  CHECK((*raw)->keyId() == base::sha256Hex(key).substr(0, 8));
  for (const auto* name : {"base64", "hex"}) {
    const auto other = vault::Vault::open("file:" + folder.file(name), random);
    REQUIRE(other);
    CHECK((*other)->keyId() == (*raw)->keyId());
  }
  ::setenv("UNIGATE_TEST_KEK", base::toBase64(key).c_str(), 1);
  CHECK(vault::Vault::open("env:UNIGATE_TEST_KEK", random));
  ::unsetenv("UNIGATE_TEST_KEK");
}

TEST_CASE("Reads a systemd credential") {
  Folder folder;
  base::SystemRandom random;
  write(folder.file("kek"), std::string(32, 'k'), 0440);
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK_FALSE(vault::Vault::open("systemd:kek", random));
  ::setenv("CREDENTIALS_DIRECTORY", folder.file("").c_str(), 1);
  CHECK(vault::Vault::open("systemd:kek", random));
  CHECK_FALSE(vault::Vault::open("systemd:../kek", random));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("Refuses a key file that others may read, with the remedy") {
  Folder folder;
  base::SystemRandom random;
  for (const mode_t mode : {0644, 0440, 0700, 0602, 0404}) {
    write(folder.file("kek"), std::string(32, 'k'), mode);
    const auto opened = vault::Vault::open("file:" + folder.file("kek"), random);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().detail.find("chmod 0400 " + folder.file("kek")) != std::string::npos);
  }
}

TEST_CASE("Refuses what is no key, in one line and without showing it") {
  Folder folder;
  base::SystemRandom random;
  const std::string wrong = "tooshort-but-private";
  write(folder.file("kek"), wrong, 0400);
  for (const auto& source : {"file:" + folder.file("kek"), "file:" + folder.file("absent"),
                             "file:" + folder.file(""), std::string("env:UNIGATE_TEST_UNSET"),
                             std::string("plain"), std::string("file:"), std::string()}) {
    const auto opened = vault::Vault::open(source, random);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().param == "vault.key_encryption_key");
    CHECK(opened.error().detail.find('\n') == std::string::npos);
    CHECK(opened.error().detail.find(wrong) == std::string::npos);
  }
}

TEST_CASE("A secret string is moved, not copied, and leaves nothing behind") {
  static_assert(!std::is_copy_constructible_v<SecretString>);
  static_assert(!std::is_copy_assignable_v<SecretString>);
  std::string source = "short";
  SecretString secret(std::move(source));
  CHECK(source.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  SecretString moved(std::move(secret));
  CHECK(moved.reveal() == "short");
  CHECK(secret.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(moved.last4().empty());
  CHECK(SecretString(std::string_view("example_abcdefgh1234")).last4() == "1234");
  CHECK(moved.clone().reveal() == "short");
}

TEST_CASE("Wiping overwrites the bytes in place") {
  std::string text = "a text that is long enough to live on the heap";
  const char* where = text.data();
  vault::wipe(text);
  CHECK(text.empty());
  CHECK(where == text.data());
  CHECK(std::string(where, 10) == std::string(10, '\0'));
}
