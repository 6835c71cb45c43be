-- Tells a proxied application who calls: from the variables that the authorizer has set to headers, which
-- replace what a client may have sent under these names. In the configuration of lighttpd, 1.4.60 or newer
-- (mod_magnet stands between mod_fastcgi and mod_proxy in server.modules):
--
--   $HTTP["url"] =~ "^/shop/" {
--       magnet.attract-raw-url-to = ( "/usr/share/doorward/guard-lighttpd.lua" )
--       proxy.server = ( "/shop/" => ( ( "host" => "127.0.0.1", "port" => 3000 ) ) )
--   }

local r = lighty.r

-- Whatever looks like one of ours: to applications X_Doorward_Role and X.Doorward.Role may be the same name.
-- The guard refuses these; here they go, too, should it not have been asked.
local forged = {}
for name in pairs(r.req_header) do
	if name:lower():gsub("[^%w]", "-"):find("^x%-doorward%-") then
		forged[#forged + 1] = name
	end
end
for _, name in ipairs(forged) do
	r.req_header[name] = nil
end

for _, name in ipairs({ "Account", "Role", "Org", "Database", "User" }) do
	local value = r.req_env["DOORWARD_" .. name:upper()]
	if value then
		r.req_header["X-Doorward-" .. name] = value
	end
end
return 0
