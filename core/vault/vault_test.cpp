#include "vault/vault.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <type_traits>

#include "base/text.hpp"

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
  changed.version = 2;
  CHECK_FALSE(vault->open(kPlace, changed));
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
