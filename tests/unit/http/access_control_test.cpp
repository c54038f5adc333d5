#include <http/access_control.hpp>

#include <gtest/gtest.h>

namespace headrace::http {
namespace {

constexpr const char* k_token = "a-long-random-text";

/// Time goes on when the test says so.
struct AccessControlTest : testing::Test {
  std::chrono::steady_clock::time_point now{};
  AccessLimits limits{.guesses_an_address = 3, .guesses = 6, .sessions = 2};
  AccessControl access = make(k_token);

  AccessControl make(const std::string& token) {
    return AccessControl(token, limits, [this] { return now; });
  }
  static Request request(Fields headers = {}, const std::string& peer = "192.0.2.1") {
    Request one;
    one.headers = std::move(headers);
    one.headers.emplace_back("host", "localhost:3000");
    one.peer = peer;
    return one;
  }
  int check(Access wanted, Fields headers = {}, const std::string& peer = "192.0.2.1") {
    const auto refusal = access.check(request(std::move(headers), peer), wanted);
    return refusal ? refusal->status : 200;
  }
  int bearer(const std::string& token, const std::string& peer = "192.0.2.1") {
    return check(Access::change, {{"authorization", "Bearer " + token}}, peer);
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }
  /// The cookie of a sign-in, as the browser sends it back.
  std::string sign_in() {
    const auto answer = access.sign_in(request(), k_token);
    EXPECT_EQ(answer.status, 204);
    const auto cookie = header(answer, "Set-Cookie");
    return cookie.substr(0, cookie.find(';'));
  }
};

TEST_F(AccessControlTest, WantsTheTokenWhereTheRouteDoes) {
  EXPECT_EQ(check(Access::open), 200);
  EXPECT_EQ(check(Access::session), 200);
  EXPECT_EQ(check(Access::read), 401);
  EXPECT_EQ(check(Access::change), 401);
  EXPECT_EQ(check(Access::change, {{"authorization", k_token}}), 401);
  EXPECT_EQ(check(Access::change, {{"authorization", std::string("Basic ") + k_token}}), 401);
  EXPECT_EQ(bearer(k_token), 200);
  EXPECT_EQ(check(Access::read, {{"authorization", std::string("Bearer ") + k_token}, {"authorization", "Bearer x"}}), 401);
  EXPECT_EQ(bearer("wrong"), 401);
  EXPECT_EQ(bearer(""), 401);
}

TEST_F(AccessControlTest, WithoutATokenEverybodyMayEverything) {
  auto open = make("");
  EXPECT_FALSE(open.check(request(), Access::change));
  EXPECT_EQ(open.sign_in(request(), "").status, 409);
}

TEST_F(AccessControlTest, ASessionOpensWhatTheTokenOpens) {
  const auto cookie = sign_in();
  EXPECT_TRUE(cookie.starts_with("headrace_session_3000="));
  EXPECT_GE(cookie.size(), 22u + 64u);
  EXPECT_EQ(check(Access::change, {{"cookie", cookie}}), 200);
  EXPECT_EQ(check(Access::read, {{"cookie", "theme=dark; " + cookie + "; other=1"}}), 200);
  EXPECT_EQ(check(Access::read, {{"cookie", cookie + "0"}}), 401);
  EXPECT_EQ(check(Access::read, {{"cookie", "headrace_session_3000="}}), 401);
  EXPECT_EQ(check(Access::read, {{"cookie", "x" + cookie}}), 401);
  EXPECT_NE(sign_in(), cookie);
}

TEST_F(AccessControlTest, TheCookieIsOutOfReachOfScriptsAndOtherSites) {
  const auto cookie = header(access.sign_in(request(), k_token), "Set-Cookie");
  for (const char* attribute : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=604800"})
    EXPECT_NE(cookie.find(attribute), std::string::npos) << cookie;
  EXPECT_EQ(cookie.find("; Secure"), std::string::npos);
  EXPECT_EQ(cookie.find(k_token), std::string::npos);
  const auto behind_tls = header(access.sign_in(request({{"origin", "https://h.example"}}), k_token), "Set-Cookie");
  EXPECT_NE(behind_tls.find("; Secure"), std::string::npos);
}

TEST_F(AccessControlTest, SessionsEnd) {
  const auto first = sign_in();
  EXPECT_EQ(access.sign_out(request({{"cookie", first}})).status, 204);
  EXPECT_EQ(check(Access::read, {{"cookie", first}}), 401);
  const auto second = sign_in();
  now += limits.session_time;
  EXPECT_EQ(check(Access::read, {{"cookie", second}}), 401);
  const auto third = sign_in(), fourth = sign_in(), fifth = sign_in();
  EXPECT_EQ(check(Access::read, {{"cookie", third}}), 401);  // two at most: the oldest went
  EXPECT_EQ(check(Access::read, {{"cookie", fourth}}), 200);
  EXPECT_EQ(access.sign_out(request()).status, 204);  // whoever is not signed in
}

TEST_F(AccessControlTest, GuessesOfAnAddressAreLimited) {
  const auto cookie = sign_in();
  EXPECT_EQ(bearer("guess"), 401);
  EXPECT_EQ(access.sign_in(request(), "guess").status, 401);
  EXPECT_EQ(bearer("guess"), 401);
  now += std::chrono::seconds(20);
  const auto refusal = access.sign_in(request(), k_token);
  EXPECT_EQ(refusal.status, 429);  // the right one too: else guessing could go on
  EXPECT_EQ(header(refusal, "Retry-After"), "40");
  EXPECT_EQ(bearer(k_token), 429);
  EXPECT_EQ(check(Access::change, {{"cookie", cookie}}), 200);  // who is in stays in
  EXPECT_EQ(check(Access::change), 401);                        // no token is no guess
  EXPECT_EQ(bearer(k_token, "192.0.2.2"), 200);
  now += std::chrono::seconds(40);
  EXPECT_EQ(bearer(k_token), 200);
}

TEST_F(AccessControlTest, ARightTokenForgivesWrongOnes) {
  for (int i = 0; i < 10; ++i) {
    if (i < 5) EXPECT_EQ(bearer("guess", "192.0.2.9"), 401) << i;
    EXPECT_EQ(bearer(k_token, "192.0.2.9"), 200) << i;
  }
}

TEST_F(AccessControlTest, GuessesOfAllAddressesAreLimitedButForThoseThatKnewTheToken) {
  EXPECT_EQ(bearer(k_token, "known"), 200);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(bearer("guess", "bot" + std::to_string(i)), 401);
  EXPECT_EQ(bearer("guess", "another bot"), 429);
  EXPECT_EQ(bearer(k_token, "newcomer"), 429);
  EXPECT_EQ(bearer(k_token, "known"), 200);
  now += limits.guess_time;
  EXPECT_EQ(bearer(k_token, "newcomer"), 200);
}

TEST_F(AccessControlTest, AddressesBeyondTheMostCountAsOne) {
  limits.addresses = 2;
  limits.guesses = 1000;
  auto small = make(k_token);
  const auto guess = [&](const std::string& peer) {
    return small.check(request({{"authorization", "Bearer guess"}}, peer), Access::read)->status;
  };
  EXPECT_EQ(guess("a"), 401);
  EXPECT_EQ(guess("b"), 401);
  for (const char* peer : {"c", "d", "e"}) EXPECT_EQ(guess(peer), 401);
  EXPECT_EQ(guess("f"), 429);
  EXPECT_EQ(guess("a"), 401);
}

}  // namespace
}  // namespace headrace::http
