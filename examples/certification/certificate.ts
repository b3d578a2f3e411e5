/** Made once for `localhost` and published here, so nobody is to trust it: it lets the certification server run before you have a certificate of your own. */
export const selfSigned = {
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq5oqV+2lu5GTUdoD
/qzguh6WJn5l53iEZtKbgQRaqR2hRANCAAREZJHOsc/8XINewe08tDP47Gs1Rd9l
xA+wUwr90wq+++CWx6Xykl/jMa03oVrjB3KcMF7jN8Wyj/L0mrSiXZxa
-----END PRIVATE KEY-----`,
    cert: `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABERkkc6xz/xcg17B
7Ty0M/jsazVF32XED7BTCv3TCr774JbHpfKSX+MxrTehWuMHcpwwXuM3xbKP8vSa
tKJdnFqjcDBuMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0
hwR/AAABMAsGA1UdDwQEAwIChDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4E
FgQU/10/Xh3BerfUd8dRlzuWpsf8cA0wCgYIKoZIzj0EAwIDSAAwRQIhAJ0q85tV
EjiSlI7J/HP8OTIfsvTAa+TE5s7a54QPMUpDAiBFrG+MevrIN+zOS0rBK0caD/8b
3GYeHlHIAcvwx6BAvg==
-----END CERTIFICATE-----`
};
