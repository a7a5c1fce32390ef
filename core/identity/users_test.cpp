#include "identity/users.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "identity/shared_clock.hpp"
#include "store/migrations.hpp"
#include "vault/signature.hpp"

using namespace unigate;
using identity::LoggedIn;
using identity::LoginRequest;
using identity::Principal;
using identity::Registration;
using identity::Role;
using identity::Users;

using identity::testing::SharedClock;

namespace {

constexpr std::string_view kPassword = "correct horse battery staple";
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
const std::string kSeed(32, 's');

vault::SecretString secret(std::string_view text) {
  return vault::SecretString(text);
}

struct Fixture {
  std::string folder = (std::filesystem::temp_directory_path() / "users-test-XXXXXX").string();
  SharedClock clock;
  base::SystemRandom random;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ReadSession> reader;
  std::unique_ptr<Users> users;

  Fixture() {
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    REQUIRE(vault::createKekFile(folder + "/kek", random));
    vault = std::move(*vault::Vault::open("file:" + folder + "/kek", random));
    const auto url = "sqlite:" + folder + "/test.db";
    REQUIRE(store::migrate(url, clock));
    store = std::move(*store::Store::open({url, {}}, clock));
    reader = std::move(*store->openReader());
    open({});
  }
  ~Fixture() {
    users.reset();
    reader.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  void open(identity::UserSettings settings) {
    settings.passwordCost = {64, 1, 1};
    users = std::make_unique<Users>(*store, *vault, clock, random, std::move(settings));
  }
  base::Result<LoggedIn> tryRegister(const std::string& email, std::string_view invitation = "") {
    Registration wanted;
    wanted.email = email;
    wanted.password = secret(kPassword);
    wanted.invitation = secret(invitation);
    wanted.address = "203.0.113.7";
    return users->registerUser(wanted);
  }
  LoggedIn registered(const std::string& email) {
    auto done = tryRegister(email);
    REQUIRE(done);
    return std::move(*done);
  }
  base::Result<LoggedIn> tryLogin(const std::string& email, std::string_view password = kPassword,
                                  const std::string& address = "203.0.113.7") {
    LoginRequest request;
    request.email = email;
    request.password = secret(password);
    request.address = address;
    return users->login(*reader, request);
  }
  Principal principalOf(const LoggedIn& login) {
    auto principal = users->authenticate(*reader, login.accessToken);
    REQUIRE(principal);
    return *principal;
  }
  std::string standing(const LoggedIn& login) {
    const auto principal = users->authenticate(*reader, login.accessToken);
    return principal ? "ok" : principal.error().code;
  }
  // Joins the organisation of `owner`.
  LoggedIn joined(const LoggedIn& owner, const std::string& email, Role role) {
    const auto invited = users->invite(*reader, principalOf(owner), email, role);
    REQUIRE(invited);
    auto done = tryRegister(email, invited->token.reveal());
    REQUIRE(done);
    return std::move(*done);
  }
};

template <typename T>
std::string codeOf(const base::Result<T>& result) {
  return result ? "ok" : result.error().code;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "Who registers owns a new organisation and is logged in") {
  const auto login = registered("Ada@Example.com");
  const auto principal = principalOf(login);
  CHECK(principal.role == "owner");
  CHECK(principal.orgId == login.orgId);
  CHECK(principal.userId == login.userId);
  CHECK(principal.allows("members", "write"));
  CHECK_FALSE(principal.allows("payments", "read"));
  CHECK(codeOf(tryRegister("ada@example.com")) == "email_taken");
  CHECK(codeOf(tryLogin("ADA@example.com")) == "ok");
}

TEST_CASE_METHOD(Fixture, "Neither password nor tokens are in the database") {
  const auto login = registered("ada@example.com");
  users.reset();
  reader.reset();
  store.reset();
  std::string content;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    content += text.str();
  }
  CHECK(content.find("ada@example.com") != std::string::npos);
  CHECK(content.find(kPassword) == std::string::npos);
  CHECK(content.find(login.refreshToken.reveal()) == std::string::npos);
  CHECK(content.find(login.accessToken) == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "An unknown address and a wrong password get one and the same answer") {
  registered("ada@example.com");
  const auto wrong = tryLogin("ada@example.com", "wrong horse battery staple");
  const auto unknown = tryLogin("bob@example.com");
  REQUIRE_FALSE(wrong);
  REQUIRE_FALSE(unknown);
  CHECK(wrong.error().status == 401);
  CHECK(wrong.error().status == unknown.error().status);
  CHECK(wrong.error().code == unknown.error().code);
  CHECK(wrong.error().detail == unknown.error().detail);
}

TEST_CASE_METHOD(Fixture, "Guessing is slowed down, whoever the address may belong to") {
  registered("ada@example.com");
  for (const std::string email : {"ada@example.com", "nobody@example.com"}) {
    CAPTURE(email);
    int wrong = 0;
    base::Problem blocked;
    for (int i = 0; i < 20; ++i) {
      const auto tried = tryLogin(email, "wrong horse battery staple");
      REQUIRE_FALSE(tried);
      if (tried.error().status == 401) {
        ++wrong;
      } else {
        blocked = tried.error();
      }
    }
    CHECK(wrong == 6);
    CHECK(blocked.status == 429);
    CHECK(blocked.retryAfterSeconds == 1);
    // Even the right password has to wait; from elsewhere it is let in.
    CHECK(codeOf(tryLogin(email)) == "too_many_attempts");
    CHECK(codeOf(tryLogin(email, kPassword, "198.51.100.1")) ==
          (email == "ada@example.com" ? "ok" : "invalid_credentials"));
  }
  clock.advanceMs(1'000);
  CHECK(codeOf(tryLogin("ada@example.com", "wrong horse battery staple")) == "invalid_credentials");
  const auto longer = tryLogin("ada@example.com");
  REQUIRE_FALSE(longer);
  CHECK(longer.error().retryAfterSeconds == 2);
  clock.advanceMs(2'000);
  CHECK(codeOf(tryLogin("ada@example.com")) == "ok");
  // The right one wipes the slate.
  CHECK(codeOf(tryLogin("ada@example.com", "wrong horse battery staple")) == "invalid_credentials");
  CHECK(codeOf(tryLogin("ada@example.com")) == "ok");
}

TEST_CASE_METHOD(Fixture, "A refresh token is good once, and its return ends the whole log-in") {
  const auto first = registered("ada@example.com");
  const auto second = users->refresh(*reader, first.refreshToken.reveal());
  REQUIRE(second);
  const auto third = users->refresh(*reader, second->refreshToken.reveal());
  REQUIRE(third);
  CHECK(standing(*third) == "ok");
  CHECK(codeOf(users->refresh(*reader, second->refreshToken.reveal())) == "refresh_token_reused");
  // The thief's next token, and every access token of the family, have ended with it.
  CHECK(codeOf(users->refresh(*reader, third->refreshToken.reveal())) == "invalid_refresh_token");
  CHECK(standing(*third) == "invalid_token");
  CHECK(standing(first) == "invalid_token");
  // Another log-in of the same user has not.
  CHECK(standing(*tryLogin("ada@example.com")) == "ok");
}

TEST_CASE_METHOD(Fixture, "Refresh tokens that were never given are refused, and so are old ones") {
  const auto login = registered("ada@example.com");
  for (const std::string bad : {"", "rft_", "rft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"})
    CHECK(codeOf(users->refresh(*reader, bad)) == "invalid_refresh_token");
  CHECK(codeOf(users->refresh(*reader, login.accessToken)) == "invalid_refresh_token");
  clock.advanceMs(30 * kDayMs + 1);
  CHECK(codeOf(users->refresh(*reader, login.refreshToken.reveal())) == "invalid_refresh_token");
}

TEST_CASE_METHOD(Fixture, "Who logs out is refused at once, with all his tokens") {
  const auto one = registered("ada@example.com");
  const auto two = tryLogin("ada@example.com");
  const auto three = tryLogin("ada@example.com");
  REQUIRE(users->logout(principalOf(one), false));
  CHECK(standing(one) == "invalid_token");
  CHECK(codeOf(users->refresh(*reader, one.refreshToken.reveal())) == "invalid_refresh_token");
  CHECK(standing(*two) == "ok");
  REQUIRE(users->logout(*reader, two->refreshToken.reveal()));
  CHECK(standing(*two) == "invalid_token");
  REQUIRE(users->logout(*reader, "rft_unknown"));
  REQUIRE(users->logout(principalOf(*three), true));
  CHECK(standing(*three) == "invalid_token");
}

TEST_CASE_METHOD(Fixture, "A changed password ends all other log-ins") {
  const auto here = registered("ada@example.com");
  const auto there = tryLogin("ada@example.com");
  const auto user = principalOf(here);
  const auto next = secret("another horse battery staple");
  CHECK(codeOf(users->changePassword(*reader, user, secret("wrong"), next, "a")) ==
        "wrong_password");
  CHECK(codeOf(users->changePassword(*reader, user, secret(kPassword), secret("short"), "a")) ==
        "weak_password");
  REQUIRE(users->changePassword(*reader, user, secret(kPassword), next, "a"));
  CHECK(standing(here) == "ok");
  CHECK(standing(*there) == "invalid_token");
  CHECK(codeOf(tryLogin("ada@example.com")) == "invalid_credentials");
  CHECK(codeOf(tryLogin("ada@example.com", next.reveal())) == "ok");
}

TEST_CASE_METHOD(Fixture, "A hash of another cost is replaced at the next log-in") {
  registered("ada@example.com");
  const auto before = (*store::userByEmail(*reader, "ada@example.com"))->passwordHash;
  identity::UserSettings settings;
  settings.passwordCost = {128, 1, 1};
  users = std::make_unique<Users>(*store, *vault, clock, random, settings);
  CHECK(codeOf(tryLogin("ada@example.com")) == "ok");
  const auto after = (*store::userByEmail(*reader, "ada@example.com"))->passwordHash;
  CHECK(after != before);
  CHECK(after.find("$m=128,") != std::string::npos);
  CHECK(codeOf(tryLogin("ada@example.com")) == "ok");
  CHECK((*store::userByEmail(*reader, "ada@example.com"))->passwordHash == after);
}

TEST_CASE_METHOD(Fixture, "An invitation makes a member, of that address and once") {
  const auto owner = registered("ada@example.com");
  const auto invited =
      users->invite(*reader, principalOf(owner), "Bob@Example.com", Role::developer);
  REQUIRE(invited);
  const auto token = std::string(invited->token.reveal());
  CHECK(codeOf(tryRegister("eve@example.com", token)) == "invalid_invitation");
  clock.advanceMs(1);  // the longest member comes first
  const auto bob = tryRegister("bob@example.com", token);
  REQUIRE(bob);
  CHECK(bob->orgId == owner.orgId);
  CHECK(principalOf(*bob).role == "developer");
  CHECK(codeOf(tryRegister("bob2@example.com", token)) == "invalid_invitation");
  CHECK(codeOf(users->invite(*reader, principalOf(owner), "bob@example.com", Role::viewer)) ==
        "already_member");
  const auto members = store::membersOf(*reader, owner.orgId);
  REQUIRE(members->size() == 2);
  CHECK((*members)[1].email == "bob@example.com");
}

TEST_CASE_METHOD(Fixture, "An invitation can be taken back, replaced, and ends after a week") {
  const auto owner = registered("ada@example.com");
  const auto by = principalOf(owner);
  const auto first = users->invite(*reader, by, "bob@example.com", Role::viewer);
  const auto second = users->invite(*reader, by, "bob@example.com", Role::viewer);
  CHECK(codeOf(tryRegister("bob@example.com", first->token.reveal())) == "invalid_invitation");
  REQUIRE(store::revokeInvitation(*store, by.orgId, second->row.id, by.actor(), clock.unixMs()));
  CHECK(codeOf(tryRegister("bob@example.com", second->token.reveal())) == "invalid_invitation");
  CHECK(store::openInvitations(*reader, by.orgId, clock.unixMs())->empty());
  const auto third = users->invite(*reader, by, "bob@example.com", Role::viewer);
  clock.advanceMs(7 * kDayMs);
  CHECK(codeOf(tryRegister("bob@example.com", third->token.reveal())) == "invalid_invitation");
}

TEST_CASE_METHOD(Fixture, "Where registration is closed only the invited come in") {
  const auto owner = registered("ada@example.com");
  const auto invited = users->invite(*reader, principalOf(owner), "bob@example.com", Role::viewer);
  identity::UserSettings settings;
  settings.registrationOpen = false;
  open(settings);
  CHECK(codeOf(tryRegister("eve@example.com")) == "registration_closed");
  CHECK(codeOf(tryRegister("bob@example.com", invited->token.reveal())) == "ok");
}

TEST_CASE_METHOD(Fixture, "A role holds from the next request on, and a removed member is out") {
  const auto owner = registered("ada@example.com");
  const auto by = principalOf(owner);
  const auto bob = joined(owner, "bob@example.com", Role::viewer);
  REQUIRE(users->changeMember(by, bob.userId, Role::admin));
  CHECK(principalOf(bob).role == "admin");
  REQUIRE(users->changeMember(by, bob.userId, std::nullopt));
  CHECK(standing(bob) == "invalid_token");
  CHECK(codeOf(users->refresh(*reader, bob.refreshToken.reveal())) == "invalid_refresh_token");
  CHECK(codeOf(tryLogin("bob@example.com")) == "no_organisation");
  CHECK(codeOf(users->changeMember(by, bob.userId, Role::viewer)) == "not_found");
}

TEST_CASE_METHOD(Fixture, "The last owner stays, and only owners make or unmake owners") {
  const auto owner = registered("ada@example.com");
  const auto admin = joined(owner, "bob@example.com", Role::admin);
  const auto byOwner = principalOf(owner);
  const auto byAdmin = principalOf(admin);
  CHECK(codeOf(users->changeMember(byOwner, owner.userId, std::nullopt)) == "last_owner");
  CHECK(codeOf(users->changeMember(byOwner, owner.userId, Role::admin)) == "last_owner");
  CHECK(codeOf(users->changeMember(byAdmin, owner.userId, std::nullopt)) == "owner_required");
  CHECK(codeOf(users->changeMember(byAdmin, admin.userId, Role::owner)) == "owner_required");
  CHECK(codeOf(users->invite(*reader, byAdmin, "eve@example.com", Role::owner)) ==
        "owner_required");
  REQUIRE(users->changeMember(byOwner, admin.userId, Role::owner));
  REQUIRE(users->changeMember(byOwner, owner.userId, std::nullopt));
  CHECK(codeOf(users->changeMember(byAdmin, admin.userId, std::nullopt)) == "owner_required");
}

TEST_CASE_METHOD(Fixture, "A user of several organisations has tokens for one at a time") {
  const auto ada = registered("ada@example.com");
  const auto bob = registered("bob@example.com");
  const auto invited = users->invite(*reader, principalOf(ada), "bob@example.com", Role::viewer);
  REQUIRE(users->acceptInvitation(*reader, principalOf(bob), invited->token.reveal()));
  CHECK(principalOf(bob).role == "owner");
  const auto there = users->switchOrganisation(*reader, principalOf(bob), ada.orgId);
  REQUIRE(there);
  CHECK(principalOf(*there).orgId == ada.orgId);
  CHECK(principalOf(*there).role == "viewer");
  CHECK(standing(bob) == "ok");
  CHECK(store::organisationsOf(*reader, bob.userId)->size() == 2);
  // Being a member of one says nothing about another.
  const auto eve = registered("eve@example.com");
  CHECK(codeOf(users->switchOrganisation(*reader, principalOf(eve), ada.orgId)) == "not_found");
  CHECK(codeOf(users->changeMember(principalOf(eve), ada.userId, std::nullopt)) == "not_found");
}

TEST_CASE_METHOD(Fixture, "The operator makes users and sets passwords") {
  const auto owner = registered("ada@example.com");
  const auto made = users->create(*reader, "bob@example.com", "Bob", secret(kPassword), owner.orgId,
                                  Role::developer);
  REQUIRE(made);
  const auto login = tryLogin("bob@example.com");
  REQUIRE(login);
  CHECK(login->role == "developer");
  REQUIRE(users->resetPassword(*reader, "bob@example.com", secret("another horse battery")));
  CHECK(standing(*login) == "invalid_token");
  CHECK(codeOf(tryLogin("bob@example.com", "another horse battery")) == "ok");
  CHECK(codeOf(users->create(*reader, "c@example.com", "", secret(kPassword), "org_unknown",
                             Role::viewer)) == "not_found");
  CHECK(codeOf(users->resetPassword(*reader, "x@example.com", secret(kPassword))) == "not_found");
}

TEST_CASE_METHOD(Fixture,
                 "A user of an issuer is made when he first comes, and follows its claims") {
  const auto owner = registered("ada@example.com");
  identity::IssuerSettings issuer;
  issuer.issuer = "https://id.example";
  issuer.audience = "unigate";
  issuer.algorithms = {identity::JwsAlgorithm::eddsa};
  issuer.jwksUrl = "https://id.example/keys";
  issuer.organisation = owner.orgId;
  issuer.roleClaim = "groups";
  issuer.roles = {{"ops", Role::admin}, {"devs", Role::developer}};
  identity::UserSettings settings;
  settings.issuers = {issuer};
  settings.fetch = [](const std::string&) -> base::Result<std::string> {
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":")" +
           base::toBase64Url(vault::ed25519PublicKey(kSeed)) + R"("}]})";
  };
  open(settings);
  const auto token = [&](const std::string& subject, const std::string& groups) {
    const auto exp = std::to_string(clock.unixMs() / 1000 + 600);
    const auto text = base::toBase64Url(R"({"alg":"EdDSA","kid":"k1"})") + "." +
                      base::toBase64Url(R"({"iss":"https://id.example","aud":"unigate","sub":")" +
                                        subject + R"(","exp":)" + exp + R"(,"groups":)" + groups +
                                        R"(,"email":"C@example.com","email_verified":true})");
    return text + "." + base::toBase64Url(vault::ed25519Sign(kSeed, text));
  };
  const auto first = users->authenticate(*reader, token("carol", R"(["devs","other"])"));
  REQUIRE(first);
  CHECK(first->role == "developer");
  CHECK(first->orgId == owner.orgId);
  CHECK(first->sessionId.empty());
  const auto again = users->authenticate(*reader, token("carol", R"(["ops","devs"])"));
  REQUIRE(again);
  CHECK(again->userId == first->userId);
  CHECK(again->role == "admin");
  CHECK(users->authenticate(*reader, token("dave", "[]"))->role == "viewer");
  CHECK(store::membersOf(*reader, owner.orgId)->size() == 3);
  // One who was removed is not let in again by the same token.
  REQUIRE(store::changeMember(*store, owner.orgId, first->userId, "", false, "x", clock.unixMs()));
  CHECK(codeOf(users->authenticate(*reader, token("carol", R"(["ops"])"))) == "not_a_member");
  // His address does not let him in by a password, nor does it take another's.
  CHECK(codeOf(tryLogin("c@example.com", "")) == "invalid_credentials");
  CHECK(codeOf(tryRegister("c@example.com")) == "ok");
}
